"""医保平台模拟器: a platform of the insurance office for trials and tests, a process of its own with its own books.

Nothing here is shared with the county's engine: it reads the same published plan and catalogue, and calculates in its own way, in decimals of
yuan. It is no real platform, and says so on its page and in every answer.
"""

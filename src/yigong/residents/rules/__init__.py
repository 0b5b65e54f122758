"""Pure rules about people: numbers, names, pinyin, masks and sealing. No database."""

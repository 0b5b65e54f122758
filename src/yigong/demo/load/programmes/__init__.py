"""Who is under management in the demo county, with a year of follow-ups and the open work of today; what is due follows from the plan."""

from yigong.demo.load.programmes.rarer import begin
from yigong.demo.load.programmes.today import feast, keep_vaccine, open_records, watch
from yigong.demo.load.programmes.year import fill, follow

__all__ = ["begin", "feast", "fill", "follow", "keep_vaccine", "open_records", "watch"]

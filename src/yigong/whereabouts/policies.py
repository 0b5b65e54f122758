"""Rights of the room. Who sees a position decides the room whose vehicle it is."""

from yigong.access.api import declare

REPORT = declare("whereabouts.report", "行车中上报车辆位置", roles={"driver", "ambulance_crew"})

"""Rights. Messages stand in the log with numbers and names masked; who may read them sees no person by name."""

from yigong.core.rights import declare

READ = declare("nhsa.read", "查看医保接口报文", roles={"insurance_clerk"})

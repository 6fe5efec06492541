-- PowerDNS Recursor answering from ward's response policy zones, and saying why
-- in Extended DNS Errors (RFC 8914): 16 by law or order, 15 by this network.  The
-- first zone that knows a name answers, so what must be blocked stands first:
--
--     ward site export rpz --page 192.0.2.10 -o /var/lib/ward-dns/law.zone LAW
--     ward site export rpz --page 192.0.2.10 -o /var/lib/ward-dns/rpz.zone
--     rec_control reload-lua-config
--     rec_control wipe-cache '$'        (what it has answered before)
--
-- Add these lines to /etc/powerdns/recursor.lua.
rpzFile("/var/lib/ward-dns/law.zone", {
	policyName = "ward law", extendedErrorCode = 16, extendedErrorExtra = "blocked by law or order" })
rpzFile("/var/lib/ward-dns/rpz.zone", {
	policyName = "ward", extendedErrorCode = 15, extendedErrorExtra = "blocked by this network" })

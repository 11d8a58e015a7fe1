-- Wireshark dissector for the stand-in protocol of the pump-link testbed.
--
-- The protocol is made up for the testbed and no product speaks it (see protocol.md).  Captures
-- come from `testbed trace FILE --format pcapng`, with the link type USER0:
--
--     wireshark -X lua_script:pump_link.lua frames.pcapng

local METHODS = {
  [1] = "serial-derived",
  [2] = "just-works",
  [3] = "passkey",
  [4] = "numeric-comparison",
  [5] = "pake",
  [6] = "oob",
}
local KINDS = { [1] = "linking", [2] = "data" }
local HEADER = 14

local link = Proto("pumplink", "Pump-link testbed")
local fields = {
  version = ProtoField.uint8("pumplink.version", "Version"),
  kind = ProtoField.uint8("pumplink.kind", "Kind", base.DEC, KINDS),
  source = ProtoField.bytes("pumplink.source", "Source, as claimed"),
  destination = ProtoField.bytes("pumplink.destination", "Destination"),
  counter = ProtoField.uint32("pumplink.counter", "Counter"),
  method = ProtoField.uint8("pumplink.method", "Pairing method", base.DEC, METHODS),
  message = ProtoField.uint8("pumplink.message", "Message of the method, by its number"),
  body = ProtoField.bytes("pumplink.body", "Body"),
}
for _, field in pairs(fields) do
  table.insert(link.fields, field)
end
local short = ProtoExpert.new(
  "pumplink.short", "Too short to be a frame", expert.group.MALFORMED, expert.severity.ERROR)
link.experts = { short }

function link.dissector(buffer, packet, tree)
  local size = buffer:len()
  local top = tree:add(link, buffer())
  packet.cols.protocol = "PumpLink"
  if size < HEADER then
    top:add_proto_expert_info(short)
    return size
  end
  local kind = buffer(1, 1):uint()
  top:add(fields.version, buffer(0, 1))
  top:add(fields.kind, buffer(1, 1))
  top:add(fields.source, buffer(2, 4))
  top:add(fields.destination, buffer(6, 4))
  top:add(fields.counter, buffer(10, 4))
  packet.cols.src = tostring(buffer(2, 4):bytes()):lower()
  packet.cols.dst = tostring(buffer(6, 4):bytes()):lower()
  local said = KINDS[kind] or "unknown kind"
  if kind == 1 and size >= HEADER + 2 then
    local method = buffer(HEADER, 1):uint()
    top:add(fields.method, buffer(HEADER, 1))
    top:add(fields.message, buffer(HEADER + 1, 1))
    said = said .. " by " .. (METHODS[method] or "method " .. method)
      .. ", message " .. buffer(HEADER + 1, 1):uint()
  elseif kind == 2 then
    said = said .. ", counter " .. buffer(10, 4):uint()
  end
  if size > HEADER then
    top:add(fields.body, buffer(HEADER))
  end
  packet.cols.info = said .. ", " .. size .. " bytes"
  return size
end

DissectorTable.get("wtap_encap"):add(wtap.USER0, link)

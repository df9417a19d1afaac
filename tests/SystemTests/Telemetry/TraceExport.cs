using Google.Protobuf;

namespace Floodgate.SystemTests.Telemetry;

/// <summary>A span as exported.</summary>
public sealed record ReceivedSpan(string Service, string TraceId, string SpanId, string ParentId, string Name);

/// <summary>
/// Reads an ExportTraceServiceRequest. Field numbers are those of opentelemetry/proto/trace/v1/trace.proto (version 1.3).
/// </summary>
public static class TraceExport
{
    private const int ResourceSpans = 1;
    private const int Resource = 1;
    private const int ScopeSpans = 2;
    private const int Spans = 2;
    private const int ResourceAttributes = 1;

    public static IReadOnlyList<ReceivedSpan> Read(CodedInputStream request)
    {
        var spans = new List<ReceivedSpan>();
        foreach (var resourceSpans in Messages(request, ResourceSpans))
        {
            var bytes = resourceSpans.ToByteArray();
            var service = Messages(new CodedInputStream(bytes), Resource).Select(ServiceName).FirstOrDefault() ?? "";
            spans.AddRange(
                from scope in Messages(new CodedInputStream(bytes), ScopeSpans)
                from span in Messages(scope.CreateCodedInput(), Spans)
                select Span(service, span.CreateCodedInput()));
        }

        return spans;
    }

    private static ReceivedSpan Span(string service, CodedInputStream input)
    {
        var (trace, id, parent, name) = ("", "", "", "");
        while (input.ReadTag() is var tag and not 0)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1: trace = Hex(input.ReadBytes()); break;
                case 2: id = Hex(input.ReadBytes()); break;
                case 4: parent = Hex(input.ReadBytes()); break;
                case 5: name = input.ReadString(); break;
                default: input.SkipLastField(); break;
            }
        }

        return new ReceivedSpan(service, trace, id, parent, name);
    }

    private static string? ServiceName(ByteString resource)
    {
        foreach (var attribute in Messages(resource.CreateCodedInput(), ResourceAttributes))
        {
            var input = attribute.CreateCodedInput();
            var (key, value) = ("", "");
            while (input.ReadTag() is var tag and not 0)
            {
                switch (WireFormat.GetTagFieldNumber(tag))
                {
                    case 1: key = input.ReadString(); break;
                    case 2: value = Messages(input.ReadBytes().CreateCodedInput(), 1).FirstOrDefault()?.ToStringUtf8() ?? ""; break;
                    default: input.SkipLastField(); break;
                }
            }

            if (key == "service.name")
            {
                return value;
            }
        }

        return null;
    }

    private static List<ByteString> Messages(CodedInputStream input, int field)
    {
        var messages = new List<ByteString>();
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                messages.Add(input.ReadBytes());
            }
            else
            {
                input.SkipLastField();
            }
        }

        return messages;
    }

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}

using System.Buffers;
using System.Text.Json;
using Floodgate.CounterService.Hosting;

namespace Floodgate.CounterService.Counters;

/// <summary>
/// The body of an addition and of its answer, read from and written to the connection's own buffers: a write costs so
/// little that the ways of the framework would be a good part of it.
/// </summary>
internal static class AdditionBody
{
    private const string Json = "application/json; charset=utf-8";
    private static ReadOnlySpan<byte> Before => "{\"value\":"u8;

    /// <summary>Reads the body.</summary>
    /// <exception cref="BadHttpRequestException">There is none, it is no JSON, or it is too large.</exception>
    /// <exception cref="JsonException">It is JSON of another form.</exception>
    public static async ValueTask<Addition> ReadAsync(HttpRequest request)
    {
        if (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException("The body must be JSON.", StatusCodes.Status415UnsupportedMediaType);
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(request.HttpContext.RequestAborted);
            if (!read.IsCompleted && read.Buffer.Length != request.ContentLength)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            try
            {
                return (read.Buffer.IsEmpty ? null : Parse(read.Buffer)) ?? throw new BadHttpRequestException("A JSON body is required.");
            }
            finally
            {
                // Whatever it was, it is read: the connection is used again.
                reader.AdvanceTo(read.Buffer.End);
            }
        }
    }

    /// <summary>Answers 202 with the value, if it is known.</summary>
    public static void Accept(HttpResponse response, long? value)
    {
        response.StatusCode = StatusCodes.Status202Accepted;
        response.ContentType = Json;
        var target = response.BodyWriter.GetSpan(64);
        var length = 0;
        if (value is { } known)
        {
            Before.CopyTo(target);
            length = Before.Length;
            known.TryFormat(target[length..], out var digits, default, System.Globalization.CultureInfo.InvariantCulture);
            length += digits;
        }
        else
        {
            target[length++] = (byte)'{';
        }

        target[length++] = (byte)'}';
        response.ContentLength = length;
        response.BodyWriter.Advance(length);
    }

    private static Addition? Parse(in ReadOnlySequence<byte> body) =>
        JsonSerializer.Deserialize(body.IsSingleSegment ? body.FirstSpan : body.ToArray(), CounterJson.Default.Addition);
}

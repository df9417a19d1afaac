using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Floodgate.Bench.Counters.Load;

/// <summary>As much of an HTTP/1.1 answer (RFC 9112) as the load client needs: its status, where it ends, whether it carries a number.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Length">How many bytes it has, with its head.</param>
/// <param name="HasNumber">Whether a member of its JSON body is a number: <c>"value":5</c>.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HttpAnswer(int Status, int Length, bool HasNumber)
{
    private const int StatusAt = 9;

    /// <summary>Reads an answer from the beginning of what was received.</summary>
    /// <param name="received">What was received so far.</param>
    /// <param name="answer">The answer, if all of it is there.</param>
    /// <returns>Whether all of it is there.</returns>
    /// <exception cref="InvalidDataException">It is no HTTP/1.1 answer.</exception>
    public static bool TryRead(ReadOnlySpan<byte> received, out HttpAnswer answer)
    {
        answer = default;
        var headEnd = received.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0) return false;

        var head = received[..(headEnd + 2)];
        var body = received[(headEnd + 4)..];
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[StatusAt..], out int status, out _))
            throw new InvalidDataException("What was received is no HTTP/1.1 answer.");

        var length = IsChunked(head) ? ChunkedLength(body) : DeclaredLength(head);
        if (length < 0 || length > body.Length) return false;
        answer = new HttpAnswer(status, headEnd + 4 + length, CarriesNumber(body[..length]));
        return true;
    }

    private static bool IsChunked(ReadOnlySpan<byte> head) => ValueOf(head, "Transfer-Encoding"u8) is { IsEmpty: false } value && value.SequenceEqual("chunked"u8);

    private static int DeclaredLength(ReadOnlySpan<byte> head) => Utf8Parser.TryParse(ValueOf(head, "Content-Length"u8), out int length, out _) ? length : 0;

    // From the first chunk to the end of the last, which is empty; -1 if it is not there yet. There are no trailers.
    private static int ChunkedLength(ReadOnlySpan<byte> body)
    {
        for (var at = 0; ;)
        {
            var line = body[at..].IndexOf("\r\n"u8);
            if (line < 0) return -1;
            if (!int.TryParse(body.Slice(at, line), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) || size < 0)
                throw new InvalidDataException("A chunk of the answer has no length.");

            at += line + 2 + size + 2;
            if (at > body.Length) return -1;
            if (size == 0) return at;
        }
    }

    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        while (head.IndexOf("\r\n"u8) is >= 0 and var end)
        {
            var line = head[..end];
            if (line.Length > name.Length && line[name.Length] == ':' && System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name))
                return line[(name.Length + 1)..].Trim(" \t"u8);
            head = head[(end + 2)..];
        }

        return default;
    }

    private static bool CarriesNumber(ReadOnlySpan<byte> body)
    {
        while (body.IndexOf("\":"u8) is >= 0 and var colon)
        {
            body = body[(colon + 2)..];
            if (!body.IsEmpty && char.IsAsciiDigit((char)body[0])) return true;
        }

        return false;
    }
}

using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Floodgate.Redis.Tracking;

/// <summary>Writes commands as a client sends them: arrays of bulk strings.</summary>
internal static class RespCommand
{
    private const int LongestNumber = 11;

    /// <summary>Begins a command.</summary>
    /// <param name="output">Where it is written to.</param>
    /// <param name="parts">How many parts it has, with its name.</param>
    public static void Begin(IBufferWriter<byte> output, int parts) => WriteNumber(output, (byte)'*', parts);

    /// <summary>Writes the next part.</summary>
    public static void Part(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        WriteNumber(output, (byte)'$', text.Length);
        output.Write(text);
        output.Write("\r\n"u8);
    }

    /// <summary>Writes a whole command.</summary>
    public static void Write(IBufferWriter<byte> output, params ReadOnlySpan<string> parts)
    {
        Begin(output, parts.Length);
        foreach (var part in parts)
        {
            Part(output, Encoding.UTF8.GetBytes(part));
        }
    }

    private static void WriteNumber(IBufferWriter<byte> output, byte kind, int number)
    {
        var span = output.GetSpan(LongestNumber + 3);
        span[0] = kind;
        Utf8Formatter.TryFormat(number, span[1..], out var written);
        "\r\n"u8.CopyTo(span[(written + 1)..]);
        output.Advance(written + 3);
    }
}

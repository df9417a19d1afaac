using System.Buffers;
using System.Text;

namespace Floodgate.Messaging.Counters;

/// <summary>Writes LEB128 variable-length integers and what is made of them.</summary>
internal static class VarInt
{
    public const int MaximumLength = 10;

    public static int Write(Span<byte> target, ulong value)
    {
        var length = 0;
        while (value >= 0x80)
        {
            target[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[length++] = (byte)value;
        return length;
    }

    public static void Write(IBufferWriter<byte> writer, ulong value) =>
        writer.Advance(Write(writer.GetSpan(MaximumLength), value));

    public static void WriteSigned(IBufferWriter<byte> writer, long value) =>
        Write(writer, (ulong)((value << 1) ^ (value >> 63)));

    public static void WriteText(IBufferWriter<byte> writer, string text)
    {
        Write(writer, (ulong)text.Length);
        writer.Advance(Encoding.ASCII.GetBytes(text, writer.GetSpan(text.Length)));
    }
}

using System.Text;

namespace Floodgate.Messaging.Counters;

/// <summary>Reads what <see cref="VarInt"/> wrote and trusts none of it: every number has bounds, every text a length.</summary>
internal ref struct ContentReader(ReadOnlySpan<byte> content)
{
    private readonly ReadOnlySpan<byte> _content = content;
    private int _at;

    public readonly int Remaining => _content.Length - _at;

    public ulong UInt64(string what)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_at >= _content.Length)
            {
                throw Wrong(what, "the content ends");
            }

            var next = _content[_at++];
            if (shift == 63 && next > 1)
            {
                break;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Wrong(what, "a number has more than 64 bits");
    }

    public long Int64(string what, long minimum, long maximum)
    {
        var value = UInt64(what);
        return maximum >= minimum && value <= (ulong)maximum && (long)value >= minimum ? (long)value : throw Wrong(what, $"{value} is out of range");
    }

    public int Int32(string what, int minimum, int maximum) => (int)Int64(what, minimum, maximum);

    public long Signed(string what)
    {
        var value = UInt64(what);
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ReadOnlySpan<byte> Bytes(string what, int length)
    {
        if (length > Remaining)
        {
            throw Wrong(what, "the content ends");
        }

        var bytes = _content.Slice(_at, length);
        _at += length;
        return bytes;
    }

    public string Text(string what, int maximum)
    {
        var bytes = Bytes(what, Int32(what, 0, maximum));
        return Ascii.IsValid(bytes) ? Encoding.ASCII.GetString(bytes) : throw Wrong(what, "it is not ASCII");
    }

    public ReadOnlySpan<byte> Rest() => Bytes("rest", Remaining);

    public readonly InvalidEnvelopeException Wrong(string what, string why) => new($"At byte {_at} of the content, {what}: {why}.");
}

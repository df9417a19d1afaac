using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Floodgate.Redis.Tracking;

/// <summary>
/// One frame of RESP3 (https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md): what a command is answered, or what the server says of itself.
/// </summary>
/// <param name="Kind">The byte it begins with: <c>+ - : $ * _ &gt; %</c> and others.</param>
/// <param name="Text">What it says; null where that is nothing, or where it is made of others.</param>
/// <param name="Items">What it is made of; a map is keys and values in turn.</param>
internal sealed record RespFrame(byte Kind, byte[]? Text, RespFrame[] Items)
{
    // Nothing that this process asks for comes near. Who says more speaks another language.
    private const int MostBytes = 16 * 1024 * 1024;
    private const int MostItems = 1_000_000;
    private const int Deepest = 8;

    private static readonly RespFrame[] Nothing = [];

    /// <summary>Whether the server says it of itself.</summary>
    public bool IsPush => Kind == (byte)'>';

    /// <summary>Whether it is the answer to a command that failed.</summary>
    public bool IsError => Kind is (byte)'-' or (byte)'!';

    /// <summary>What it says, to read.</summary>
    public string Words => Encoding.UTF8.GetString(Text ?? []);

    /// <summary>Makes sure that it is a list of so many.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public void RequireItems(int count)
    {
        if (Items.Length != count)
        {
            throw new InvalidDataException($"Redis gives {Items.Length} values where {count} were asked for.");
        }
    }

    /// <summary>Reads one frame.</summary>
    /// <param name="reader">What came; it moves behind the frame.</param>
    /// <returns>The frame; null where it is not whole yet.</returns>
    /// <exception cref="InvalidDataException">It is no frame.</exception>
    public static RespFrame? TryRead(ref SequenceReader<byte> reader) => TryRead(ref reader, 0);

    private static RespFrame? TryRead(ref SequenceReader<byte> reader, int depth)
    {
        if (depth > Deepest || !reader.TryReadTo(out ReadOnlySequence<byte> sequence, "\r\n"u8))
        {
            return depth <= Deepest ? null : throw new InvalidDataException($"A frame is more than {Deepest} deep.");
        }

        ReadOnlySpan<byte> line = sequence.IsSingleSegment ? sequence.FirstSpan : sequence.ToArray();
        if (line.IsEmpty)
        {
            throw new InvalidDataException("A frame is empty.");
        }

        var kind = line[0];
        var rest = line[1..];
        switch (kind)
        {
            case (byte)'$' or (byte)'!' or (byte)'=':
                var length = Number(rest, MostBytes);
                return length < 0 ? new RespFrame((byte)'_', null, Nothing) : TryReadText(ref reader, kind, length);
            case (byte)'*' or (byte)'~' or (byte)'>':
                return TryReadItems(ref reader, kind, Number(rest, MostItems), depth);
            case (byte)'%':
                return TryReadItems(ref reader, kind, 2 * Number(rest, MostItems), depth);
            case (byte)'_':
                return new RespFrame(kind, null, Nothing);
            case (byte)'+' or (byte)'-' or (byte)':' or (byte)'#' or (byte)',' or (byte)'(':
                return new RespFrame(kind, rest.ToArray(), Nothing);
            default:
                throw new InvalidDataException($"No frame begins with the byte {kind}.");
        }
    }

    private static RespFrame? TryReadText(ref SequenceReader<byte> reader, byte kind, int length)
    {
        if (reader.Remaining < length + 2)
        {
            return null;
        }

        var text = new byte[length];
        reader.TryCopyTo(text);
        reader.Advance(length);
        if (!reader.IsNext("\r\n"u8, advancePast: true))
        {
            throw new InvalidDataException($"A text of {length} bytes does not end with a line.");
        }

        return new RespFrame(kind, text, Nothing);
    }

    private static RespFrame? TryReadItems(ref SequenceReader<byte> reader, byte kind, int count, int depth)
    {
        if (count <= 0)
        {
            return new RespFrame(count < 0 ? (byte)'_' : kind, null, Nothing);
        }

        // Each takes three bytes at least: so what was not sent takes no memory.
        if (reader.Remaining / 3 < count)
        {
            return null;
        }

        var items = new RespFrame[count];
        for (var i = 0; i < count; i++)
        {
            if (TryRead(ref reader, depth + 1) is not { } item)
            {
                return null;
            }

            items[i] = item;
        }

        return new RespFrame(kind, null, items);
    }

    private static int Number(ReadOnlySpan<byte> text, int most) =>
        Utf8Parser.TryParse(text, out int number, out var read) && read == text.Length && number >= -1 && number <= most
            ? number
            : throw new InvalidDataException($"'{Encoding.UTF8.GetString(text)}' is no length of a frame.");
}

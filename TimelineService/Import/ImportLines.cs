using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Floodgate.Problems;
using Floodgate.TimelineService.Input;

namespace Floodgate.TimelineService.Import;

/// <summary>One line of an import: a number and the rest.</summary>
/// <param name="Number">The line's number, from 1.</param>
/// <param name="Id">The id it begins with.</param>
/// <param name="Rest">What follows the space.</param>
internal readonly record struct ImportLine(int Number, long Id, string Rest);

/// <summary>Reads the body of an import line by line, without holding it.</summary>
internal static class ImportLines
{
    private const int LongestLine = 1000;

    /// <summary>Reads lines of the form <c>id rest</c>. Empty lines are passed over.</summary>
    /// <exception cref="InvalidInputException">A line is not of that form; the message names it.</exception>
    public static async IAsyncEnumerable<ImportLine> ReadAsync(PipeReader body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0;
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            try
            {
                while (TryTakeLine(ref buffer, read.IsCompleted, out var line))
                {
                    number++;
                    if (Parse(line, number) is { } parsed)
                    {
                        yield return parsed;
                    }
                }

                if (buffer.Length > LongestLine)
                {
                    throw Wrong(number + 1, "is too long");
                }
            }
            finally
            {
                // Also where a line is wrong, as the server drains what is left of the body.
                body.AdvanceTo(buffer.Start, buffer.End);
            }

            if (read.IsCompleted)
            {
                yield break;
            }
        }
    }

    /// <summary>The error that names a line.</summary>
    public static InvalidInputException Wrong(int number, string what) =>
        new("body", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Line {number} {what}."));

    /// <summary>Reads an id out of a line.</summary>
    public static bool TryReadId(ReadOnlySpan<char> text, out long id) =>
        long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out id) && IdInput.IsValid(id);

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, bool isLast, out ReadOnlySequence<byte> line)
    {
        line = default;
        if (buffer.IsEmpty)
        {
            return false;
        }

        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }

        if (isLast)
        {
            line = buffer;
            buffer = buffer.Slice(buffer.End);
        }

        return isLast;
    }

    private static ImportLine? Parse(ReadOnlySequence<byte> sequence, int number)
    {
        if (sequence.Length > LongestLine)
        {
            throw Wrong(number, "is too long");
        }

        Span<byte> line = stackalloc byte[(int)sequence.Length];
        sequence.CopyTo(line);
        line = line.TrimEnd((byte)'\r');
        if (line.IsEmpty)
        {
            return null;
        }

        if (!Utf8Parser.TryParse(line, out long id, out var used) || !IdInput.IsValid(id) || used >= line.Length || line[used] is not ((byte)' ' or (byte)'\t'))
        {
            throw Wrong(number, "does not begin with an id and a space");
        }

        try
        {
            return new ImportLine(number, id, Strict.GetString(line[(used + 1)..]));
        }
        catch (DecoderFallbackException)
        {
            throw Wrong(number, "is not valid UTF-8");
        }
    }

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}

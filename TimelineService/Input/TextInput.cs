using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Floodgate.TimelineService.Input;

/// <summary>Texts that PostgreSQL must be able to store.</summary>
internal static class TextInput
{
    /// <summary>Finds what is wrong with a text. Characters are Unicode code points, as PostgreSQL's char_length counts them.</summary>
    /// <returns>What is wrong, or null where nothing is.</returns>
    public static string? FindFault([NotNullWhen(true)] string? text, int maximum)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "This is required.";
        }

        var count = 0;
        for (var at = 0; at < text.Length; count++)
        {
            // A code point is one or two UTF-16 units: past this there are too many, however long the text goes on.
            if (count == maximum)
            {
                return $"This may have at most {maximum} characters.";
            }

            if (text[at] == '\0')
            {
                return "This must not contain the character U+0000.";
            }

            if (!Rune.TryGetRuneAt(text, at, out var rune))
            {
                return "This must be valid Unicode.";
            }

            at += rune.Utf16SequenceLength;
        }

        return null;
    }
}

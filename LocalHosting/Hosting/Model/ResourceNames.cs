namespace Aspire.Hosting.ApplicationModel;

/// <summary>Aspire's rule for resource names.</summary>
internal static class ResourceNames
{
    private const int MaxLength = 64;

    public static StringComparer Comparer => StringComparer.OrdinalIgnoreCase;

    public static void Check(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var valid = name.Length <= MaxLength
            && char.IsAsciiLetter(name[0])
            && name[^1] != '-'
            && !name.Contains("--", StringComparison.Ordinal)
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
        if (!valid)
        {
            throw new ArgumentException(
                $"Resource name '{name}' is invalid: 1 to {MaxLength} ASCII letters, digits and single hyphens, a letter first and no hyphen last.",
                nameof(name));
        }
    }

    /// <summary>The name as part of an environment variable: upper case, other characters become an underscore.</summary>
    public static string ToEnvironmentName(string name) =>
        string.Create(name.Length, name, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsAsciiLetterOrDigit(source[i]) ? char.ToUpperInvariant(source[i]) : '_';
        });
}

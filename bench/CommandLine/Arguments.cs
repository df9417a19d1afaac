using System.Globalization;

namespace Floodgate.Bench.CommandLine;

/// <summary>
/// The options given to a command. Reading one that is wrong remembers the error and gives the default, so that
/// <see cref="ThrowIfWrong"/> can name all of them at once.
/// </summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string?> _given = new(StringComparer.Ordinal);
    private readonly List<string> _errors = [];

    private Arguments()
    {
    }

    /// <summary>Takes <c>--name value</c>, <c>--name=value</c> and <c>--switch</c>.</summary>
    public static Arguments Parse(IReadOnlyList<string> words, IReadOnlyList<Option> options)
    {
        var arguments = new Arguments();
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            var equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=', StringComparison.Ordinal) : -1;
            var name = equals < 0 ? word : word[..equals];
            var inline = equals < 0 ? null : word[(equals + 1)..];
            var option = options.FirstOrDefault(o => o.Name == name);
            if (option is null)
            {
                arguments._errors.Add($"{name}: there is no such option.");
                continue;
            }

            var value = inline;
            if (option.Placeholder is null && inline is not null)
            {
                arguments._errors.Add($"{name}: takes no value.");
            }
            else if (option.Placeholder is not null && inline is null)
            {
                if (i + 1 == words.Count || words[i + 1].StartsWith("--", StringComparison.Ordinal))
                {
                    arguments._errors.Add($"{name}: a value is missing ({option.Placeholder}).");
                    continue;
                }

                value = words[++i];
            }

            if (!arguments._given.TryAdd(name, value)) arguments._errors.Add($"{name}: given twice.");
        }

        return arguments;
    }

    /// <summary>Whether the option is there.</summary>
    public bool Has(string name) => _given.ContainsKey(name);

    /// <summary>The text of an option, or null where it is not given.</summary>
    public string? Text(string name) => _given.GetValueOrDefault(name);

    /// <summary>A whole number in a range.</summary>
    public int Whole(string name, int fallback, int least, int most)
    {
        if (!_given.TryGetValue(name, out var text)) return fallback;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;

        AddError(name, string.Create(CultureInfo.InvariantCulture, $"'{text}' is not a whole number from {least} to {most}."));
        return fallback;
    }

    /// <summary>A positive number, or infinity where the word <paramref name="infinite"/> is given.</summary>
    public double Positive(string name, double fallback, string infinite)
    {
        if (!_given.TryGetValue(name, out var text)) return fallback;
        if (text == infinite) return double.PositiveInfinity;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0 && double.IsFinite(value))
            return value;

        AddError(name, $"'{text}' is neither a number above 0 nor '{infinite}'.");
        return fallback;
    }

    /// <summary>Some of several names, separated by commas, each once and in the order of all; all where the option is not given.</summary>
    /// <param name="name">The option.</param>
    /// <param name="all">The names there are.</param>
    /// <param name="what">What one of them is called in an error: <c>part</c>.</param>
    public IReadOnlyList<string> Some(string name, IReadOnlyList<string> all, string what)
    {
        if (Text(name) is not { } text) return all;
        var names = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var unknown in names.Except(all, StringComparer.Ordinal)) AddError(name, $"there is no {what} '{unknown}'.");
        if (names.Length == 0) AddError(name, $"names no {what}.");
        return [.. all.Where(one => names.Contains(one, StringComparer.Ordinal))];
    }

    /// <summary>The path of a file to write, or null where the option is not given; its folder must be there.</summary>
    public string? Output(string name)
    {
        var path = Text(name);
        if (path is not null && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder)) AddError(name, $"there is no folder '{folder}'.");
        return path;
    }

    /// <summary>Remembers an error found by the command itself.</summary>
    public void AddError(string name, string what) => _errors.Add($"{name}: {what}");

    /// <summary>Throws if anything read so far was wrong.</summary>
    /// <exception cref="UsageException">Names every argument that is wrong, one on each line.</exception>
    public void ThrowIfWrong()
    {
        if (_errors.Count > 0) throw new UsageException(string.Join('\n', _errors));
    }
}

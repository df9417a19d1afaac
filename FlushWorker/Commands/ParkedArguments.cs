using System.Globalization;

namespace Floodgate.FlushWorker.Commands;

/// <summary>The words of a command are wrong.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The words of the command <c>parked</c>.</summary>
internal sealed record ParkedArguments
{
    /// <summary>The verb: list, show, replay or discard.</summary>
    public required string Verb { get; init; }

    /// <summary>The numbers it is about.</summary>
    public IReadOnlyList<long> Ids { get; init; } = [];

    /// <summary><c>--all</c>: every one.</summary>
    public bool All { get; init; }

    /// <summary><c>--discard</c>: delete what is applied already.</summary>
    public bool Discard { get; init; }

    /// <summary><c>--force</c>: apply what a retired producer sent.</summary>
    public bool Force { get; init; }

    /// <summary><c>--after ID</c>: where a page of the list begins.</summary>
    public long After { get; init; }

    /// <summary><c>--limit N</c>: how long a page is, 1 to 10,000.</summary>
    public int Limit { get; init; } = 50;

    /// <summary><c>--connection TEXT</c>: the database.</summary>
    public string? Connection { get; init; }

    /// <summary>Reads the words after <c>parked</c>.</summary>
    /// <exception cref="UsageException">They are wrong.</exception>
    public static ParkedArguments Parse(IReadOnlyList<string> words)
    {
        var arguments = new ParkedArguments { Verb = words.Count > 0 ? words[0] : throw new UsageException("What is to be done?") };
        var ids = new List<long>();
        for (var i = 1; i < words.Count; i++)
        {
            arguments = words[i] switch
            {
                "--all" => arguments with { All = true },
                "--discard" => arguments with { Discard = true },
                "--force" => arguments with { Force = true },
                "--after" => arguments with { After = Number(words, ++i, long.MaxValue) },
                "--limit" => arguments with { Limit = (int)Number(words, ++i, 10_000) },
                "--connection" => arguments with { Connection = i + 1 < words.Count ? words[++i] : throw new UsageException("--connection needs a connection string.") },
                var word when word.StartsWith('-') => throw new UsageException($"There is no option {word}."),
                _ => Add(arguments, ids, Number(words, i, long.MaxValue)),
            };
        }

        arguments = arguments with { Ids = ids };
        return arguments.Verb switch
        {
            "list" when ids.Count > 0 => throw new UsageException("list takes no number; 'show ID' shows one."),
            "show" or "discard" when ids.Count != 1 => throw new UsageException($"{arguments.Verb} takes one number."),
            "replay" when (ids.Count == 0) != arguments.All => throw new UsageException("replay takes numbers, or --all."),
            "list" or "show" or "replay" or "discard" => arguments,
            _ => throw new UsageException($"There is no 'parked {arguments.Verb}'."),
        };
    }

    private static ParkedArguments Add(ParkedArguments arguments, List<long> ids, long id)
    {
        ids.Add(id);
        return arguments;
    }

    private static long Number(IReadOnlyList<string> words, int at, long most) =>
        at < words.Count && long.TryParse(words[at], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
            ? number
            : throw new UsageException($"{(at < words.Count ? words[at] : words[^1])}: a number from 1 to {most} is wanted.");
}

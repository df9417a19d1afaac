namespace Aspire.Hosting;

/// <summary>The switches LocalHosting takes from the command line; the rest is configuration.</summary>
/// <param name="Ephemeral">Whether <c>--ephemeral</c> is there.</param>
/// <param name="IsPublish">Whether the AppHost is asked for a manifest or another publisher.</param>
/// <param name="Rest">What is left.</param>
internal sealed record CommandLine(bool Ephemeral, bool IsPublish, string[] Rest)
{
    public static CommandLine Parse(string[] args)
    {
        var publish = args.Any(arg => arg is "--publisher" || arg.StartsWith("--publisher=", StringComparison.Ordinal) || arg is "publish")
            || args.Zip(args.Skip(1)).Any(pair => pair is ("--operation", "publish"));
        return new(args.Contains("--ephemeral"), publish, [.. args.Where(arg => arg != "--ephemeral")]);
    }
}

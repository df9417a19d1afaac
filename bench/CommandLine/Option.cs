namespace Floodgate.Bench.CommandLine;

/// <summary>An option of a command.</summary>
/// <param name="Name">The name with its dashes: <c>--users</c>.</param>
/// <param name="Placeholder">What stands for the value in the help; null for a switch, which has no value.</param>
/// <param name="Help">One sentence, with the default.</param>
internal sealed record Option(string Name, string? Placeholder, string Help);

namespace Floodgate.Bench.CommandLine;

/// <summary>The run cannot go on: no gateway, a load that is refused. The message says what to do.</summary>
internal sealed class RunFailedException(string message) : Exception(message);

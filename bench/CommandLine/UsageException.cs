namespace Floodgate.Bench.CommandLine;

/// <summary>The command line or an input file is wrong. The message names the argument, or the file and the line.</summary>
internal sealed class UsageException(string message) : Exception(message);

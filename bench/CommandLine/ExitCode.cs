namespace Floodgate.Bench.CommandLine;

/// <summary>What the process answers to the shell.</summary>
internal static class ExitCode
{
    /// <summary>All was done and everything that was checked is right.</summary>
    public const int Good = 0;

    /// <summary>A check failed, or the run could not be finished.</summary>
    public const int Failed = 1;

    /// <summary>The command line or an input file is wrong; nothing was done.</summary>
    public const int Usage = 2;
}

namespace Floodgate.Bench.CacheNode.Messages;

/// <summary>What the ways of reading are called.</summary>
internal static class ModeName
{
    /// <summary>Each read is a query on a replica.</summary>
    public const string NoCache = "no-cache";

    /// <summary>Each process keeps values in its memory, and its callers share a query.</summary>
    public const string InProcess = "in-process";

    /// <summary>Floodgate's cache with leases.</summary>
    public const string Leases = "leases";

    /// <summary>All, the baselines first.</summary>
    public static IReadOnlyList<string> All { get; } = [NoCache, InProcess, Leases];
}

namespace Floodgate.Bench.Consistency;

/// <summary>The routing policies that are set side by side: values of <c>Floodgate:Router:Policy</c>.</summary>
internal static class PolicyName
{
    /// <summary>A replica that has what the session has seen.</summary>
    public const string Lsn = "lsn";

    /// <summary>The primary for some seconds after a write.</summary>
    public const string Window = "window";

    /// <summary>The primary while a replica's lag exceeds the time since the session's last write.</summary>
    public const string Lag = "lag";

    /// <summary>Any replica.</summary>
    public const string Eventual = "eventual";

    /// <summary>The primary.</summary>
    public const string Primary = "primary";

    /// <summary>All, in the order of the tables.</summary>
    public static IReadOnlyList<string> All { get; } = [Lsn, Window, Lag, Eventual, Primary];

    /// <summary>Those that promise the session guarantees.</summary>
    public static bool PromisesAll(string policy) => policy is Lsn or Primary;
}

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a resource can be doing.</summary>
public static class KnownResourceStates
{
    /// <summary>It is started by a command.</summary>
    public static readonly string NotStarted = nameof(NotStarted);

    /// <summary>It waits for another resource.</summary>
    public static readonly string Waiting = nameof(Waiting);

    /// <summary>Its process is being prepared.</summary>
    public static readonly string Starting = nameof(Starting);

    /// <summary>Its process runs.</summary>
    public static readonly string Running = nameof(Running);

    /// <summary>Its process could not be started.</summary>
    public static readonly string FailedToStart = nameof(FailedToStart);

    /// <summary>Its process is being ended.</summary>
    public static readonly string Stopping = nameof(Stopping);

    /// <summary>Its process ended, and was not asked to, or with an error.</summary>
    public static readonly string Exited = nameof(Exited);

    /// <summary>Its process did its work and ended.</summary>
    public static readonly string Finished = nameof(Finished);

    /// <summary>It has a value (parameters and connection strings).</summary>
    public static readonly string Active = nameof(Active);

    /// <summary>A value was not given.</summary>
    public static readonly string ValueMissing = "Value missing";

    /// <summary>The states in which no process runs or is about to.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];
}

/// <summary>How a state is shown.</summary>
public static class KnownResourceStateStyles
{
    /// <summary>All is well.</summary>
    public static readonly string Success = "success";

    /// <summary>Something failed.</summary>
    public static readonly string Error = "error";

    /// <summary>For information.</summary>
    public static readonly string Info = "info";

    /// <summary>Something to look at.</summary>
    public static readonly string Warn = "warning";
}

/// <summary>The commands that every process has.</summary>
public static class KnownResourceCommands
{
    /// <summary>Starts it.</summary>
    public static readonly string StartCommand = "start";

    /// <summary>Ends it; it stays ended.</summary>
    public static readonly string StopCommand = "stop";

    /// <summary>Ends it and starts it again.</summary>
    public static readonly string RestartCommand = "restart";
}

/// <summary>Names of facts in a snapshot: Aspire's, as far as LocalHosting gives them.</summary>
internal static class KnownProperties
{
    public const string Pid = "executable.pid";
    public const string Path = "executable.path";
    public const string ProjectPath = "project.path";
    public const string ConnectionString = "resource.connectionString";
    public const string WaitingFor = "resource.waitingFor";
    public const string Problem = "resource.problem";
    public const string Restarts = "resource.restarts";
}

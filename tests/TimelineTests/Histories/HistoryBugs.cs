namespace Floodgate.TimelineTests.Histories;

/// <summary>What is done wrong on purpose, to see that it is found.</summary>
internal sealed class HistoryBugs
{
    /// <summary>Done once a post was acknowledged.</summary>
    public Func<HistoryModel, HistoryPost, Task> AfterPost { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Done once everything is drained.</summary>
    public Func<HistoryModel, Task> BeforeTheEnd { get; init; } = _ => Task.CompletedTask;
}

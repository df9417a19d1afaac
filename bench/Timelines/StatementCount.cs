using System.Diagnostics;

namespace Floodgate.Bench.Timelines;

/// <summary>Counts the SQL commands of one flow of execution, by the spans that the driver makes for them; those of background work are not in it.</summary>
internal sealed class StatementCount : IDisposable
{
    private const string Driver = "Npgsql";

    private static readonly ActivitySource Source = new("Floodgate.Bench.Statements");

    private readonly ActivityListener _listener;
    private readonly Activity? _root;
    private long _count;

    /// <summary>Begins to count what runs in this flow.</summary>
    public StatementCount()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Driver || source == Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = Started,
        };
        ActivitySource.AddActivityListener(_listener);
        _root = Source.StartActivity("count");
    }

    /// <summary>How many there were.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <inheritdoc/>
    public void Dispose()
    {
        _root?.Dispose();
        _listener.Dispose();
    }

    private void Started(Activity activity)
    {
        if (activity.Source.Name == Driver && _root is not null && activity.TraceId == _root.TraceId) Interlocked.Increment(ref _count);
    }
}

using Floodgate.Nodes;

namespace Floodgate.TimelineTests.Histories;

/// <summary>Two instances of the service, with settings so small that a few users and posts get past each of them.</summary>
internal sealed class HistoryWorld : IAsyncDisposable
{
    private static readonly (string, string)[] Settings =
    [
        ("Floodgate:Timelines:Threshold", "4"), ("Floodgate:Timelines:ThresholdBack", "3"), ("Floodgate:Timelines:AudienceLifetime", "00:00:00"),
        ("Floodgate:Timelines:ChunkSize", "2"), ("Floodgate:Timelines:Cap", "20"), ("Floodgate:Timelines:TrimSlack", "3"),
        ("Floodgate:Timelines:ShedStep", "00:00:00.100"), ("Floodgate:Timelines:PullCheck", "00:00:02"),
        ("Floodgate:Timelines:PollInterval", "00:00:00.050"),

        // There is nobody to ask for likes.
        ("Floodgate:Timelines:LikesTimeout", "00:00:00.010"),
    ];

    private readonly TimelineInstance[] _instances;
    private int _progress;
    private int _refusals;

    private HistoryWorld(Servers servers, TimelineInstance[] instances, bool losesRedis)
    {
        _instances = instances;
        Servers = servers;
        LosesRedis = losesRedis;
    }

    public Servers Servers { get; }

    /// <summary>Whether Redis may be away.</summary>
    public bool LosesRedis { get; }

    /// <summary>How many groups of steps all histories have done.</summary>
    public int Progress => Volatile.Read(ref _progress);

    /// <summary>How many requests were not done for want of a server, and made again.</summary>
    public int Refusals => Volatile.Read(ref _refusals);

    public PostgresNodes Nodes => _instances[0].Get<PostgresNodes>();

    public static async Task<HistoryWorld> StartAsync(Servers servers, bool losesRedis = false) => new(
        servers, [await TimelineInstance.StartAsync(servers, works: true, Settings), await TimelineInstance.StartAsync(servers, works: true, Settings)], losesRedis);

    /// <summary>One of the instances.</summary>
    public TimelineInstance Any(int chance) => _instances[chance / 3 % _instances.Length];

    /// <summary>A history has done a group of steps.</summary>
    public void Progressed() => Interlocked.Increment(ref _progress);

    /// <summary>A request was not done for want of a server.</summary>
    public void Refused() => Interlocked.Increment(ref _refusals);

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }
    }
}

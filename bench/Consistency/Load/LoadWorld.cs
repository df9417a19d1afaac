using Floodgate.Bench.Consistency.Histories;
using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Consistency.Load;

/// <summary>What all sessions of a run share.</summary>
/// <param name="run">Tells the run's posts from others.</param>
internal sealed class LoadWorld(string run)
{
    private const int MostFaults = 20;
    private const int BoardSize = 24;

    private readonly List<LoadSession> _sessions = [];

    /// <summary>What they did.</summary>
    public History History { get; } = new();

    /// <summary>What the posts say.</summary>
    public RegisterText Text { get; } = new(run);

    /// <summary>What was written last.</summary>
    public RegisterBoard Board { get; } = new(BoardSize);

    /// <summary>How they were answered.</summary>
    public StatusTally Statuses { get; } = new();

    /// <summary>The first answers that the interface does not promise.</summary>
    public NotedFaults Faults { get; } = new(MostFaults);

    /// <summary>The sessions. All are added before the first one runs.</summary>
    public IReadOnlyList<LoadSession> Sessions => _sessions;

    /// <summary>Adds a session.</summary>
    public void Add(LoadSession session) => _sessions.Add(session);

    /// <summary>Draws a session by chance; where <paramref name="like"/> is given, another one that takes the same way into the system.</summary>
    public LoadSession Draw(Random random, LoadSession? like)
    {
        if (like is null) return _sessions[random.Next(_sessions.Count)];
        var alike = _sessions.FindAll(session => session != like && session.Door == like.Door);
        return alike.Count == 0 ? like : alike[random.Next(alike.Count)];
    }

    /// <summary>The policy a session runs under.</summary>
    public string PolicyOf(int session) => _sessions[session].Door.Policy;
}

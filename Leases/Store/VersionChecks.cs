using System.Globalization;
using Floodgate.Redis;
using StackExchange.Redis;

namespace Floodgate.Leases.Store;

/// <summary>
/// Says whether entries still are what they were: by the <see cref="ChangeLog"/>, whose end concurrent callers ask for together, and of what it does
/// not know by their fields. On a cluster, where the keys of a script must be of one slot, by their fields alone.
/// </summary>
internal sealed class VersionChecks
{
    // So that one check does not hold up others: 100 entries take some 0.1 ms.
    private const int CheckedAtOnce = 100;

    private static readonly RedisValue[] Versioned = ["m", "n", "s"];

    private readonly ChangeLog _log = new();
    private readonly IConnectionMultiplexer _redis;
    private readonly RedisGuard _guard;
    private readonly LeaseScripts _scripts;
    private readonly ChangeFeed _feed;
    private volatile Slots _slots;

    /// <summary>Creates it, with a log that nothing is known of.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="guard">Limits calls.</param>
    /// <param name="scripts">What is asked.</param>
    public VersionChecks(IConnectionMultiplexer redis, RedisGuard guard, LeaseScripts scripts)
    {
        (_redis, _guard, _scripts) = (redis, guard, scripts);
        _feed = new ChangeFeed(_log, (since, behind) => guard.RunAsync(() => AskAsync(since, behind)), guard.Timeout, guard.Time);
    }

    /// <summary>The keys of a transition that changes what copies are compared with: the entry and, where there may be one, the log.</summary>
    public RedisKey[] KeysToChange(string key) => Kind() == Slots.Many ? [key] : [key, .. ChangeFeed.Keys];

    /// <summary>Another server may answer from now on.</summary>
    public void Forget()
    {
        _log.Forget();
        _slots = Slots.Unknown;
    }

    /// <summary>Brings what is known of changes up to date, and sends other commands behind the question (<see cref="ChangeFeed"/>).</summary>
    /// <returns>Whether that is so; not on a cluster, where there is no log.</returns>
    /// <exception cref="StoreUnavailableException">Redis does not answer.</exception>
    public Task<bool> CatchUpAsync(Func<IDatabaseAsync, Task>? behind) => Kind() == Slots.One ? _feed.CatchUpAsync(behind) : Task.FromResult(false);

    /// <summary>What is known of the changes; to be taken before versions are read.</summary>
    public (int Era, long? Last) Known => _log.State;

    /// <summary>
    /// Takes note that a version was read after the log had a number: what was changed since, and may be in it already, counts as a change of it.
    /// </summary>
    public void Confirm((int Era, long? Last) known, EntryVersion version) => _log.Confirm(known.Era, known.Last, version);

    /// <summary>Whether entries are known to be still what they were, as of the last change that is known.</summary>
    public bool AreUnchanged(ReadOnlySpan<EntryVersion> versions) => _log.AreUnchanged(versions);

    /// <summary>Asks whether entries still are what they were.</summary>
    /// <exception cref="StoreUnavailableException">Redis does not answer.</exception>
    public async Task<bool[]> CheckAsync(IReadOnlyList<EntryVersion> versions)
    {
        var current = new bool[versions.Count];
        if (Kind() != Slots.One)
        {
            await CheckEachAsync(versions, current);
            return current;
        }

        await _feed.CatchUpAsync();
        if (_log.Find(versions, current) > 0)
        {
            await CheckTogetherAsync(versions, current);
        }

        return current;
    }

    private async Task<ChangesTold> AskAsync(long? since, Action<IDatabaseAsync>? behind)
    {
        var database = _redis.GetDatabase();
        RedisValue[] arguments = [since ?? RedisValue.EmptyString, ChangeLog.MostTold];
        try
        {
            // In one piece rather than many small ones, each of which would wake the server. A client that writes at once may be held up by a full socket:
            // not the caller, who waits so long and no longer.
            var batch = database.CreateBatch();
            var answering = _scripts.Changes.RunByDigestAsync(batch, ChangeFeed.Keys, arguments);
            behind?.Invoke(batch);
            await Task.Run(batch.Execute);
            return new ChangesTold((RedisValue[])(await answering)!, InOrder: true);
        }
        catch (RedisServerException exception) when (RedisScript.IsUnknown(exception))
        {
            // A server that was just started. It is asked once more, behind what was sent meanwhile.
            return new ChangesTold((RedisValue[])(await _scripts.Changes.RunAsync(database, ChangeFeed.Keys, arguments))!, InOrder: false);
        }
    }

    private async Task CheckEachAsync(IReadOnlyList<EntryVersion> versions, bool[] current)
    {
        var database = _redis.GetDatabase();
        var answers = await _guard.RunAsync(() => Task.WhenAll(versions.Select(version => database.HashGetAsync(version.KeyBytes, Versioned))));
        for (var i = 0; i < current.Length; i++)
        {
            current[i] = IsSame(answers[i], versions[i]);
        }
    }

    private async Task CheckTogetherAsync(IReadOnlyList<EntryVersion> versions, bool[] current)
    {
        var open = new List<(EntryVersion Version, int At)>(versions.Count);
        for (var i = 0; i < current.Length; i++)
        {
            if (!current[i])
            {
                open.Add((versions[i], i));
            }
        }

        var era = _log.State.Era;
        var database = _redis.GetDatabase();
        var parts = open.Chunk(CheckedAtOnce).ToArray();
        var answers = await _guard.RunAsync(() => Task.WhenAll(parts.Select(part => _scripts.Check.RunAsync(
            database,
            [.. part.Select(static one => (RedisKey)one.Version.KeyBytes), ChangeFeed.Keys[0]],
            [.. part.Select(static one => (RedisValue)one.Version.TextBytes)]))));
        for (var n = 0; n < parts.Length; n++)
        {
            var answer = (RedisResult[])answers[n]!;
            var marks = (byte[])(RedisValue)answer[0]!;
            var last = long.Parse((string)(RedisValue)answer[1]!, CultureInfo.InvariantCulture);
            for (var i = 0; i < parts[n].Length; i++)
            {
                if (marks[i] == (byte)'1')
                {
                    current[parts[n][i].At] = true;
                    _log.Confirm(era, last, parts[n][i].Version);
                }
            }
        }
    }

    // The keys of a script must be of one slot, where there are slots; each entry has its own.
    private Slots Kind()
    {
        if (_slots != Slots.Unknown)
        {
            return _slots;
        }

        var servers = _redis.GetEndPoints().Select(end => _redis.GetServer(end)).Where(server => server.IsConnected).ToList();
        if (servers.Count > 0)
        {
            _slots = servers.Exists(server => server.ServerType is ServerType.Cluster or ServerType.Twemproxy) ? Slots.Many : Slots.One;
        }

        return _slots;
    }

    private static bool IsSame(RedisValue[] fields, EntryVersion version)
    {
        if (fields[0].IsNull || !fields[2].IsNull)
        {
            return false;
        }

        var (meta, token) = ((byte[])fields[0]!, (byte[]?)fields[1] ?? []);
        var text = version.TextBytes.AsSpan();
        return text.Length == meta.Length + 1 + token.Length && text.StartsWith(meta) && text[meta.Length] == (byte)' ' && text.EndsWith(token);
    }

    // What keys of one call may have: anything on a single server; on a cluster all must have the same.
    private enum Slots
    {
        Unknown = 0,
        One = 1,
        Many = 2,
    }
}

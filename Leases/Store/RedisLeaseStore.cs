using System.Collections.Concurrent;
using System.Globalization;
using Floodgate.Redis;
using Floodgate.Sessions;
using StackExchange.Redis;

namespace Floodgate.Leases.Store;

/// <summary>
/// The entries as hashes in Redis: <c>v</c> the value, <c>m</c> what is said of it (<see cref="EntryMeta"/>), <c>s</c> the first write that it does
/// not hold, <c>f</c> the floor, <c>l</c> the lease, <c>w</c> the processes that wait, <c>b</c> the last failure, <c>o</c> until when some process serves
/// it from memory, <c>n</c> the token of the fill that wrote the value. The state table is in docs/lease-cache.md.
/// </summary>
/// <param name="redis">The connection.</param>
/// <param name="generation">Which entries are believed.</param>
/// <param name="guard">Limits calls.</param>
/// <param name="history">The line of timelines.</param>
/// <param name="scripts">The transitions.</param>
/// <param name="time">The clock.</param>
internal sealed class RedisLeaseStore(
    IConnectionMultiplexer redis, RedisGeneration generation, RedisGuard guard, Func<TimelineHistory> history, LeaseScripts scripts, TimeProvider time)
    : ILeaseStore
{
    private const string WakeChannel = "lc:wake:";
    private const string DropChannel = "lc:drop";

    private static readonly TimeSpan ListenTimeout = TimeSpan.FromSeconds(5);

    private static readonly RedisValue[] Shown = ["v", "m", "s", "f", "l", "n"];

    private readonly ConcurrentDictionary<IStoreListener, byte> _listeners = new();
    private readonly string _process = Guid.NewGuid().ToString("N");
    private long _ahead;
    private int _attached;

    private readonly VersionChecks _checks = new(redis, guard, scripts);

    /// <inheritdoc/>
    public bool IsAvailable => generation.Current is not null && !guard.IsResting;

    /// <inheritdoc/>
    public string? Generation => generation.Current;

    /// <inheritdoc/>
    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds() + Interlocked.Read(ref _ahead);

    /// <inheritdoc/>
    public void Attach(IStoreListener listener) => _listeners.TryAdd(listener, 0);

    /// <inheritdoc/>
    public void Detach(IStoreListener listener) => _listeners.TryRemove(listener, out _);

    /// <summary>Listens for wake-ups and drops, and notices lost connections. The client restores the subscriptions by itself.</summary>
    /// <exception cref="RedisException">There is no connection yet.</exception>
    /// <exception cref="TimeoutException">It does not answer. Listening twice does no harm.</exception>
    public async Task ListenAsync()
    {
        if (Interlocked.Exchange(ref _attached, 1) == 0)
        {
            // Before all else: nothing may be believed across a connection that was lost meanwhile.
            redis.ConnectionFailed += (_, _) => Reconnect();
            redis.ConnectionRestored += (_, _) => Reconnect();
        }

        var subscriber = redis.GetSubscriber();
        await subscriber.SubscribeAsync(WakeChannel + _process, (_, key) => Tell(listener => listener.Woken(key!))).WaitAsync(ListenTimeout, time);
        await subscriber.SubscribeAsync(DropChannel, (_, key) => Tell(listener => listener.Dropped(key!))).WaitAsync(ListenTimeout, time);

        void Reconnect()
        {
            _checks.Forget();
            Tell(listener => listener.Disconnected());
        }
    }

    /// <summary>Asks Redis for its clock.</summary>
    /// <exception cref="StoreUnavailableException">It does not answer.</exception>
    public async Task SetClockAsync()
    {
        var answer = (RedisResult[])(await guard.RunAsync(() => redis.GetDatabase().ExecuteAsync("TIME")))!;
        SetClock(((long)answer[0] * 1000) + ((long)answer[1] / 1000));
    }

    /// <inheritdoc/>
    public async Task<Entry[]> ReadAsync(IReadOnlyList<string> keys)
    {
        var (current, known) = (Current(), _checks.Known);
        var database = redis.GetDatabase();
        var answers = await guard.RunAsync(() => Task.WhenAll(Each(keys, key => database.HashGetAsync(key, Shown))));
        var entries = new Entry[answers.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            var fields = answers[i];
            entries[i] = Versioned(keys[i], Compose(fields[0], fields[1], fields[2], fields[3], fields[4], current), fields[5], known);
        }

        return entries;
    }

    /// <inheritdoc/>
    public Task<bool[]> CheckAsync(IReadOnlyList<EntryVersion> versions)
    {
        Current();
        return _checks.CheckAsync(versions);
    }

    /// <inheritdoc/>
    public Task<bool> CatchUpAsync(Func<IDatabaseAsync, Task>? behind)
    {
        Current();
        return _checks.CatchUpAsync(behind);
    }

    /// <inheritdoc/>
    public bool AreUnchanged(ReadOnlySpan<EntryVersion> versions) => _checks.AreUnchanged(versions);

    /// <inheritdoc/>
    public async Task<(Entry Entry, bool Held)[]> HoldAsync(IReadOnlyList<string> keys, TimeSpan duration)
    {
        var (current, known) = (Current(), _checks.Known);
        var answers = await RunAsync(scripts.Hold, keys, _ => [Milliseconds(duration), current]);
        var entries = new (Entry, bool)[answers.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            var fields = (RedisValue[])answers[i]!;
            entries[i] = (Versioned(keys[i], Compose(fields[1], fields[2], fields[3], fields[4], fields[5], current), fields[6], known), (int)fields[0] == 1);
        }

        return entries;
    }

    /// <inheritdoc/>
    public async Task<LeaseAnswer[]> AcquireAsync(IReadOnlyList<string> keys, string token, TimeSpan lease, IReadOnlyList<string> seen)
    {
        var current = Current();
        var answers = await RunAsync(scripts.Acquire, keys, i => [token, Milliseconds(lease), _process, current, seen[i]]);
        return Array.ConvertAll(answers, answer => Read((RedisValue[])answer!, current));
    }

    /// <inheritdoc/>
    public Task ExtendAsync(IReadOnlyList<string> keys, string token, TimeSpan lease) =>
        RunAsync(scripts.Extend, keys, _ => [token, Milliseconds(lease)]);

    /// <inheritdoc/>
    public async Task<FillVerdict[]> FillAsync(IReadOnlyList<FillValue> values, string token, string generation)
    {
        var line = HistoryText.Of(history());
        var answers = await RunAsync(scripts.Fill, [.. values.Select(value => value.Key)], _checks.KeysToChange, i =>
        {
            var value = values[i];
            return
            [
                token, line, value.Holds.ToString(), value.Shown.ToString(), Milliseconds(value.SoftExpiry), Milliseconds(value.HardExpiry),
                Milliseconds(value.Cost), value.Value is null ? "-" : "+", generation, value.Value ?? [],
            ];
        });
        return Array.ConvertAll(answers, answer => (string?)(RedisValue)answer switch
        {
            "filled" => FillVerdict.Filled,
            "floor" => FillVerdict.BelowFloor,
            "generation" => FillVerdict.OldGeneration,
            "late" => FillVerdict.Late,
            _ => FillVerdict.Lost,
        });
    }

    /// <inheritdoc/>
    public Task FailAsync(IReadOnlyList<string> keys, string token, TimeSpan rest, string why) =>
        RunAsync(scripts.Fail, keys, _ => [token, Milliseconds(rest), why]);

    /// <inheritdoc/>
    public async Task<TimeSpan> InvalidateAsync(string key, CommittedWrite write, TimeSpan floorLifetime)
    {
        var line = HistoryText.Of(history());
        var answer = await RunAsync(scripts.Invalidate, [key], _checks.KeysToChange, _ => [write.Position.ToString(), write.Locked.ToString(), write.Id, line, Milliseconds(floorLifetime)]);
        return TimeSpan.FromMilliseconds((long)answer[0]);
    }

    /// <inheritdoc/>
    public async Task<(bool Kept, TimeSpan Held)> UpdateAsync(FillValue value, CommittedWrite write, TimeSpan floorLifetime, string generation)
    {
        var line = HistoryText.Of(history());
        var answer = await RunAsync(scripts.Update, [value.Key], _checks.KeysToChange, _ =>
        [
            write.Position.ToString(), write.Locked.ToString(), write.Id, line, Milliseconds(floorLifetime), Milliseconds(value.SoftExpiry),
            Milliseconds(value.HardExpiry), value.Value is null ? "-" : "+", generation, value.Value ?? [],
        ]);
        var parts = (long[])answer[0]!;
        return (parts[0] == 1, TimeSpan.FromMilliseconds(parts[1]));
    }

    private static RedisValue Milliseconds(TimeSpan span) => (long)Math.Ceiling(span.TotalMilliseconds);

    private static Task<T>[] Each<T>(IReadOnlyList<string> keys, Func<string, Task<T>> ask)
    {
        var asked = new Task<T>[keys.Count];
        for (var i = 0; i < asked.Length; i++)
        {
            asked[i] = ask(keys[i]);
        }

        return asked;
    }

    private static Entry Compose(RedisValue value, RedisValue meta, RedisValue stale, RedisValue floor, RedisValue lease, string current)
    {
        var said = EntryMeta.Read(meta);
        var believed = said is not null && RedisGeneration.Believes(said.Generation, current) ? said : null;
        return new Entry(believed, believed is { Exists: true } ? (byte[]?)value ?? [] : null)
        {
            MetaText = (string?)meta ?? "",
            StaleFrom = PositionOf(stale),
            Floor = PositionOf(floor),
            LeasedUntil = LastNumber(lease),
        };
    }

    private Entry Versioned(string key, Entry entry, RedisValue token, (int Era, long? Last) known)
    {
        if (!entry.IsFresh)
        {
            return entry;
        }

        var version = EntryVersion.Of(key, entry.MetaText, token);
        _checks.Confirm(known, version);
        return entry with { Version = version };
    }

    private static WalPosition PositionOf(RedisValue field) =>
        (string?)field is { Length: >= WalPosition.TextLength } text && WalPosition.TryParse(text[..WalPosition.TextLength], out var position)
            ? position
            : WalPosition.None;

    private static long LastNumber(RedisValue field) =>
        (string?)field is { } text && text.LastIndexOf(' ') is > 0 and var blank
        && long.TryParse(text.AsSpan(blank + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    private LeaseAnswer Read(RedisValue[] answer, string current)
    {
        SetClock((long)answer[1]);
        var entry = Compose(answer[2], answer[3], answer[4], answer[5], RedisValue.Null, current);
        return (string?)answer[0] switch
        {
            "fresh" => new LeaseAnswer(LeaseOutcome.Fresh, entry),
            "won" => new LeaseAnswer(LeaseOutcome.Won, entry)
            {
                TakenOver = (int)answer[6] == 1,
                Held = TimeSpan.FromMilliseconds((long)answer[7]),
                Generation = current,
            },
            "wait" => new LeaseAnswer(LeaseOutcome.Wait, entry) { Remaining = TimeSpan.FromMilliseconds((long)answer[6]) },
            _ => new LeaseAnswer(LeaseOutcome.Failed, entry) { Why = (string?)answer[6] ?? "" },
        };
    }

    private void Tell(Action<IStoreListener> what)
    {
        foreach (var listener in _listeners.Keys)
        {
            what(listener);
        }
    }

    private void SetClock(long theirs) => Interlocked.Exchange(ref _ahead, theirs - time.GetUtcNow().ToUnixTimeMilliseconds());

    private string Current() =>
        generation.Current ?? throw new StoreUnavailableException("It is not known yet which entries of Redis to believe.");

    private Task<RedisResult[]> RunAsync(RedisScript script, IReadOnlyList<string> keys, Func<int, RedisValue[]> arguments) =>
        RunAsync(script, keys, static key => [key], arguments);

    private Task<RedisResult[]> RunAsync(RedisScript script, IReadOnlyList<string> keys, Func<string, RedisKey[]> keysOf, Func<int, RedisValue[]> arguments)
    {
        var database = redis.GetDatabase();
        return guard.RunAsync(() =>
        {
            var calls = new Task<RedisResult>[keys.Count];
            for (var i = 0; i < calls.Length; i++)
            {
                calls[i] = script.RunAsync(database, keysOf(keys[i]), arguments(i));
            }

            return Task.WhenAll(calls);
        });
    }
}

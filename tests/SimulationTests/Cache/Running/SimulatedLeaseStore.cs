using System.Text;
using Floodgate.Leases;
using Floodgate.Leases.Store;
using Floodgate.Model;
using Floodgate.Redis;
using Floodgate.Sessions;
using Floodgate.SimulationTests.Cache.Checking;
using Floodgate.SimulationTests.Cache.Cluster;
using Floodgate.SimulationTests.Scheduling;
using StackExchange.Redis;

namespace Floodgate.SimulationTests.Cache.Running;

/// <summary>What <see cref="RedisLeaseStore"/> does, on the model of Redis: every key a call of its own, in one go, within a time.</summary>
internal sealed class SimulatedLeaseStore(
    SimulatedProcess process, SimulatedCacheRedis redis, RedisConnection connection, RedisGeneration known, LeaseCacheOptions options,
    Func<TimelineHistory> history, LeaseCheck check) : ILeaseStore, IStoreListener
{
    // As RedisGuard: after so many failures in a row it is left alone.
    private const int Failures = 5;

    private readonly ChangeLog _log = new();
    private int _failures;
    private TimeSpan _restUntil;
    private long _ahead;

    public bool IsAvailable => known.Current is not null && process.Scheduler.Elapsed >= _restUntil;

    public string? Generation => known.Current;

    public long Now => process.Time.GetUtcNow().ToUnixTimeMilliseconds() + _ahead;

    public void Attach(IStoreListener listener) => connection.Attach(listener);

    public void Detach(IStoreListener listener) => connection.Detach(listener);

    void IStoreListener.Woken(string key)
    {
    }

    void IStoreListener.Dropped(string key)
    {
    }

    // As VersionChecks.Forget.
    void IStoreListener.Disconnected() => _log.Forget();

    public async Task<Entry[]> ReadAsync(IReadOnlyList<string> keys)
    {
        var (current, at) = (Current(), _log.State);
        var answers = await CallAsync(keys, "read", i => (string?[])[.. redis.Leases.Read(keys[i]), redis.Leases.Token(keys[i])]);
        return [.. answers.Select((fields, i) => Versioned(keys[i], Compose(fields, current), fields[5], at))];
    }

    public async Task<bool[]> CheckAsync(IReadOnlyList<EntryVersion> versions)
    {
        Current();
        return await CallAsync([.. versions.Select(version => version.Key)], "check", i => redis.Leases.Check(versions[i].Key, versions[i].Text));
    }

    // What would be sent behind it is of no interest here.
    public async Task<bool> CatchUpAsync(Func<IDatabaseAsync, Task>? behind)
    {
        Current();
        var (era, last) = _log.State;
        var (number, keys) = (await CallAsync(["log"], "changes", _ => redis.Changes.Since(last)))[0];
        _log.Take(era, last, number, keys);
        return true;
    }

    public bool AreUnchanged(ReadOnlySpan<EntryVersion> versions) => _log.AreUnchanged(versions);

    public async Task<(Entry Entry, bool Held)[]> HoldAsync(IReadOnlyList<string> keys, TimeSpan duration)
    {
        var (current, at) = (Current(), _log.State);
        var answers = await CallAsync(keys, "hold", i => (Held: redis.Leases.Hold(keys[i], Milliseconds(duration), current), Token: redis.Leases.Token(keys[i])));
        return [.. answers.Select((answer, i) => (Versioned(keys[i], Compose(answer.Held.Fields, current), answer.Token, at), answer.Held.Held))];
    }

    public async Task<LeaseAnswer[]> AcquireAsync(IReadOnlyList<string> keys, string token, TimeSpan lease, IReadOnlyList<string> seen)
    {
        var current = Current();
        var answers = await CallAsync(keys, "acquire", i =>
        {
            var answer = redis.Leases.Acquire(keys[i], token, Milliseconds(lease), process.Name, current, seen[i]);
            if (answer.How == "won")
            {
                check.Won(keys[i], token, lease);
            }

            return answer;
        });
        return Array.ConvertAll(answers, answer =>
        {
            _ahead = answer.Time - process.Time.GetUtcNow().ToUnixTimeMilliseconds();
            var entry = Compose([.. answer.Fields, null], current);
            return answer.How switch
            {
                "fresh" => new LeaseAnswer(LeaseOutcome.Fresh, entry),
                "won" => new LeaseAnswer(LeaseOutcome.Won, entry) { TakenOver = answer.Detail == "1", Held = TimeSpan.FromMilliseconds(answer.Held), Generation = current },
                "wait" => new LeaseAnswer(LeaseOutcome.Wait, entry) { Remaining = TimeSpan.FromMilliseconds(Number(answer.Detail)) },
                _ => new LeaseAnswer(LeaseOutcome.Failed, entry) { Why = answer.Detail },
            };
        });
    }

    public Task ExtendAsync(IReadOnlyList<string> keys, string token, TimeSpan lease) =>
        CallAsync(keys, "extend", i =>
        {
            var mine = redis.Leases.Extend(keys[i], token, Milliseconds(lease));
            if (mine == 1)
            {
                check.Extended(keys[i], token, lease);
            }

            return mine;
        });

    public async Task<FillVerdict[]> FillAsync(IReadOnlyList<FillValue> values, string token, string generation)
    {
        var line = HistoryText.Of(history());
        var answers = await CallAsync([.. values.Select(value => value.Key)], "fill", i =>
        {
            var answer = redis.Leases.Fill(ModelOf(values[i], line, generation), token);
            redis.Changes.Add(values[i].Key);
            check.Ended(values[i].Key, token);
            return answer;
        });
        return Array.ConvertAll(answers, answer => answer switch
        {
            "filled" => FillVerdict.Filled,
            "floor" => FillVerdict.BelowFloor,
            "generation" => FillVerdict.OldGeneration,
            "late" => FillVerdict.Late,
            _ => FillVerdict.Lost,
        });
    }

    public Task FailAsync(IReadOnlyList<string> keys, string token, TimeSpan rest, string why) =>
        CallAsync(keys, "fail", i =>
        {
            check.Ended(keys[i], token);
            return redis.Leases.Fail(keys[i], token, Milliseconds(rest), why);
        });

    public async Task<TimeSpan> InvalidateAsync(string key, CommittedWrite write, TimeSpan floorLifetime)
    {
        var told = ModelOf(write, floorLifetime);
        return TimeSpan.FromMilliseconds((await CallAsync([key], $"invalidate w{write.Id}", _ =>
        {
            check.Voided(key);
            redis.Changes.Add(key);
            return redis.Leases.Invalidate(key, told);
        }))[0]);
    }

    public async Task<(bool Kept, TimeSpan Held)> UpdateAsync(FillValue value, CommittedWrite write, TimeSpan floorLifetime, string generation)
    {
        var told = ModelOf(write, floorLifetime);
        var (kept, held) = (await CallAsync(
            [value.Key], $"update w{write.Id}", _ =>
            {
                check.Voided(value.Key);
                redis.Changes.Add(value.Key);
                return redis.Leases.Update(ModelOf(value, told.History, generation), told);
            }))[0];
        return (kept, TimeSpan.FromMilliseconds(held));
    }

    private static ModelFill ModelOf(FillValue value, string line, string generation) => new(
        value.Key, value.Value is null ? null : Encoding.ASCII.GetString(value.Value), line, value.Holds.ToString(), value.Shown.ToString(),
        Milliseconds(value.SoftExpiry), Milliseconds(value.HardExpiry), Milliseconds(value.Cost), generation);

    private ModelWrite ModelOf(CommittedWrite write, TimeSpan floorLifetime) =>
        new(write.Position.ToString(), write.Locked.ToString(), write.Id, HistoryText.Of(history()), Milliseconds(floorLifetime));

    private static Entry Compose(string?[] fields, string current)
    {
        var said = EntryMeta.Read(fields[1]);
        var believed = said is not null && RedisGeneration.Believes(said.Generation, current) ? said : null;
        return new Entry(believed, believed is { Exists: true } ? Encoding.ASCII.GetBytes(fields[0] ?? "") : null)
        {
            MetaText = fields[1] ?? "",
            StaleFrom = PositionOf(fields[2]),
            Floor = PositionOf(fields[3]),
            LeasedUntil = fields[4] is { } lease ? Number(lease[(lease.LastIndexOf(' ') + 1)..]) : 0,
        };
    }

    private Entry Versioned(string key, Entry entry, string? token, (int Era, long? Last) at)
    {
        if (!entry.IsFresh)
        {
            return entry;
        }

        var version = EntryVersion.Of(key, entry.MetaText, token);
        _log.Confirm(at.Era, at.Last, version);
        return entry with { Version = version };
    }

    private static WalPosition PositionOf(string? field) =>
        field is { Length: >= WalPosition.TextLength } && WalPosition.TryParse(field[..WalPosition.TextLength], out var position) ? position : WalPosition.None;

    private static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static long Milliseconds(TimeSpan span) => (long)Math.Ceiling(span.TotalMilliseconds);

    private string Current() => known.Current ?? throw new StoreUnavailableException("It is not known yet which entries of Redis to believe.");

    private async Task<T[]> CallAsync<T>(IReadOnlyList<string> keys, string what, Func<int, T> operation)
    {
        if (process.Scheduler.Elapsed < _restUntil)
        {
            throw new StoreUnavailableException("Redis failed a moment ago.");
        }

        try
        {
            var calls = new Task<T>[keys.Count];
            for (var i = 0; i < calls.Length; i++)
            {
                calls[i] = OneAsync(keys[i], what, i, operation);
            }

            var answers = await Task.WhenAll(calls).WaitAsync(options.RedisTimeout, process.Time);
            _failures = 0;
            return answers;
        }
        catch (Exception exception) when (exception is TimeoutException or StoreUnavailableException)
        {
            if (++_failures >= Failures)
            {
                (_failures, _restUntil) = (0, process.Scheduler.Elapsed + options.Rest);
            }

            throw new StoreUnavailableException(exception.Message, exception);
        }
    }

    // What was sent over a connection that broke may still arrive, but nobody hears of it.
    private async Task<T> OneAsync<T>(string key, string what, int i, Func<int, T> operation)
    {
        if (connection.IsCut)
        {
            throw new StoreUnavailableException("There is no way to Redis.");
        }

        var made = connection.Made;
        var answer = await redis.Network.CallAsync(process, $"{what} {key}", () =>
        {
            var result = operation(i);
            if (process.Scheduler.IsTraced)
            {
                process.Scheduler.Note($"        {Show(result)}; then {ShowHash(key)}");
            }

            return result;
        });
        return connection.Made == made ? answer : throw new StoreUnavailableException("The connection broke.");
    }

    private static string Show(object? result) => result switch
    {
        string?[] fields => string.Join(" | ", fields),
        ValueTuple<string, long, string?[], string, long> acquired => $"{acquired.Item1} {acquired.Item4} {acquired.Item5}",
        ValueTuple<bool, string?[]> held => $"held {held.Item1}",
        _ => result?.ToString() ?? "",
    };

    private string ShowHash(string key) => redis.Hashes.Find(key) is not { } hash ? "absent"
        : string.Join(", ", hash.Fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={field.Value}"));
}

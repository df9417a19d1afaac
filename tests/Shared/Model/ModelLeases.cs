using System.Globalization;

namespace Floodgate.Model;

/// <summary>What the scripts of the lease cache (<c>Leases/Store/Scripts</c>) do, each at one moment, with the same texts in the same fields.</summary>
/// <param name="redis">The hashes.</param>
/// <param name="now">The clock of Redis.</param>
/// <param name="publish">PUBLISH: the channel and the key.</param>
internal sealed class ModelLeases(ModelRedis redis, Func<DateTimeOffset> now, Action<string, string> publish)
{
    public const string WakeChannel = "lc:wake:";
    public const string DropChannel = "lc:drop";

    // As many processes wait for a key at most; whoever comes later looks from time to time.
    private const int MostWaiting = 64 * 33;

    /// <summary>What of it is wrong on purpose.</summary>
    public LeaseBugs Bugs { get; init; }

    /// <summary>The clock, in milliseconds since 1970.</summary>
    public long Now => now().ToUnixTimeMilliseconds();

    /// <summary>HMGET of v, m, s, f, l.</summary>
    public string?[] Read(string key) => [redis.Get(key, "v"), redis.Get(key, "m"), redis.Get(key, "s"), redis.Get(key, "f"), redis.Get(key, "l")];

    /// <summary>HGET of n.</summary>
    public string? Token(string key) => redis.Get(key, "n");

    /// <summary>check.lua, of one key: whether it is a version still, and current.</summary>
    public bool Check(string key, string version) =>
        redis.Get(key, "m") is { } meta && (redis.Get(key, "s") is null || Bugs.HasFlag(LeaseBugs.ChecksNoStaleness)) && $"{meta} {Token(key)}" == version;

    /// <summary>hold.lua: whether it is held, and the fields.</summary>
    public (bool Held, string?[] Fields) Hold(string key, long milliseconds, string generation)
    {
        var fields = Read(key);
        var loading = fields[4] is { } lease && LastNumber(lease) > Now;
        var held = fields[1] is { } meta && fields[2] is null && !loading && ModelPositions.Believes(ModelPositions.GenerationOf(meta), generation);
        if (held && Now + milliseconds > Number(redis.Get(key, "o")))
        {
            redis.Set(key, "o", Text(Now + milliseconds));
        }

        return (held, fields);
    }

    /// <summary>acquire.lua.</summary>
    public (string How, long Time, string?[] Fields, string Detail, long Held) Acquire(string key, string token, long lease, string process, string generation, string seen)
    {
        var (meta, stale, failed) = (redis.Get(key, "m"), redis.Get(key, "s"), redis.Get(key, "b"));
        var fields = new[] { redis.Get(key, "v"), meta, stale, redis.Get(key, "f") };
        if (meta is not null && stale is null && ModelPositions.Believes(ModelPositions.GenerationOf(meta), generation) && meta != seen)
        {
            return ("fresh", Now, fields, "", HeldFor(key));
        }

        if (failed is not null)
        {
            var blank = failed.IndexOf(' ', StringComparison.Ordinal);
            if (Now < Number(failed[..blank]))
            {
                return ("failed", Now, fields, failed[(blank + 1)..], HeldFor(key));
            }

            redis.Remove(key, "b");
        }

        var taken = "0";
        if (redis.Get(key, "l") is { } held)
        {
            var till = LastNumber(held);
            if (Now < till)
            {
                var waiting = redis.Get(key, "w");
                if (seen.Length == 0 && waiting?.Contains(process, StringComparison.Ordinal) != true && (waiting?.Length ?? 0) < MostWaiting)
                {
                    redis.Set(key, "w", waiting is null ? process : $"{waiting} {process}");
                }

                return ("wait", Now, fields, Text(till - Now), HeldFor(key));
            }

            taken = "1";
        }

        redis.Set(key, "l", $"{token} {Text(Now + lease)}");
        KeepFor(key, lease * 2);
        return ("won", Now, fields, taken, HeldFor(key));
    }

    /// <summary>extend.lua.</summary>
    public long Extend(string key, string token, long lease)
    {
        if (!IsMine(key, token))
        {
            return 0;
        }

        redis.Set(key, "l", $"{token} {Text(Now + lease)}");
        KeepFor(key, lease * 2);
        return 1;
    }

    /// <summary>fail.lua.</summary>
    public long Fail(string key, string token, long rest, string why)
    {
        if (!IsMine(key, token))
        {
            return 0;
        }

        redis.Remove(key, "l");
        redis.Set(key, "b", $"{Text(Now + rest)} {why}");
        KeepFor(key, rest);
        Wake(key);
        return 1;
    }

    /// <summary>fill.lua.</summary>
    public string Fill(ModelFill fill, string token)
    {
        var key = fill.Key;
        var (meta, stale, floor, lease) = (redis.Get(key, "m"), redis.Get(key, "s"), FloorOf(key), redis.Get(key, "l"));
        var mine = IsMine(key, token) || Bugs.HasFlag(LeaseBugs.FillsWithoutLease) || (Bugs.HasFlag(LeaseBugs.FillsAbsentKeys) && redis.Find(key) is null);
        var believed = meta is not null && ModelPositions.Believes(ModelPositions.GenerationOf(meta), fill.Generation);
        var outdated = believed && ModelPositions.GenerationOf(meta!) != fill.Generation;
        var passed = Bugs.HasFlag(LeaseBugs.HasNoFloors)
            || (ModelPositions.StandingOf(fill.Holds, fill.History) != ModelStanding.Lost
                && (floor is null || Passes(fill.Holds, floor, fill.History))
                && (!believed || Passes(fill.Holds, ModelPositions.ShownOf(meta!), fill.History)));
        if (!mine)
        {
            if (passed && !outdated && (lease is not null || floor is not null) && (meta is null || stale is not null))
            {
                Write(fill, token);
                redis.Set(key, "s", floor ?? fill.Holds);
                KeepFor(key, fill.HardExpiry);
                return "late";
            }

            return "lost";
        }

        redis.Remove(key, "l");
        if (outdated || !passed)
        {
            Wake(key);
            return outdated ? "generation" : "floor";
        }

        Write(fill, token);
        redis.Remove(key, "s");
        redis.Remove(key, "b");
        if (floor is not null)
        {
            KeepFor(key, fill.HardExpiry);
        }
        else
        {
            redis.Expire(key, TimeSpan.FromMilliseconds(fill.HardExpiry));
        }

        Wake(key);
        return "filled";
    }

    /// <summary>invalidate.lua: the milliseconds until no process serves the old value from memory.</summary>
    public long Invalidate(string key, ModelWrite write) => IsKnown(key, write) ? DropAgain(key) : RaiseFloor(key, write);

    /// <summary>update.lua: whether the value is kept, and the milliseconds until no process serves the old one from memory.</summary>
    public (bool Kept, long Held) Update(ModelFill value, ModelWrite write)
    {
        var key = value.Key;
        if (IsKnown(key, write))
        {
            return (false, DropAgain(key));
        }

        var (meta, floor) = (redis.Get(key, "m"), FloorOf(key));
        var holds = Bugs.HasFlag(LeaseBugs.OrdersByPosition) ? write.Position : write.Locked;
        var believed = meta is not null && ModelPositions.Believes(ModelPositions.GenerationOf(meta), value.Generation);
        var ambiguous = (floor is not null && !Passes(holds, floor, write.History))
            || (believed && ModelPositions.GenerationOf(meta!) != value.Generation)
            || (believed && !Passes(holds, ModelPositions.ShownOf(meta!), write.History));
        var held = RaiseFloor(key, write);
        if (ambiguous || held > 0)
        {
            return (false, held);
        }

        Write(value with { Holds = holds, Shown = write.Position, Cost = 0 }, token: null);
        foreach (var field in (string[])["s", "b", "l", "n"])
        {
            redis.Remove(key, field);
        }

        KeepFor(key, value.HardExpiry);
        Wake(key);
        return (true, held);
    }

    private bool Passes(string holds, string floor, string history) => Bugs.HasFlag(LeaseBugs.ComparesWithoutTimelines)
        ? string.CompareOrdinal(holds[9..], floor[9..]) >= 0
        : ModelPositions.Passes(holds, floor, history);

    private bool IsKnown(string key, ModelWrite write) =>
        write.Id != 0 && redis.Get(key, "f") is { } floor && LastNumber(floor) == write.Id;

    private bool IsMine(string key, string token) => redis.Get(key, "l") is { } lease && lease[..lease.IndexOf(' ', StringComparison.Ordinal)] == token;

    private string? FloorOf(string key) => redis.Get(key, "f") is { } floor ? floor[..floor.IndexOf(' ', StringComparison.Ordinal)] : null;

    private void Write(ModelFill fill, string? token)
    {
        redis.Set(fill.Key, "m", $"{fill.Holds} {fill.Shown} {Text(Now + fill.SoftExpiry)} {Text(fill.Cost)} {(fill.Value is null ? "-" : "+")} {fill.Generation}");
        if (token is not null)
        {
            redis.Set(fill.Key, "n", token.Length > 16 ? token[..16] : token);
        }

        if (fill.Value is null)
        {
            redis.Remove(fill.Key, "v");
        }
        else
        {
            redis.Set(fill.Key, "v", fill.Value);
        }
    }

    private long RaiseFloor(string key, ModelWrite write)
    {
        var floor = FloorOf(key);
        if (floor is null || Passes(write.Position, floor, write.History))
        {
            redis.Set(key, "f", $"{write.Position} {Text(write.Id)}");
            if (!Bugs.HasFlag(LeaseBugs.InvalidationKeepsLease))
            {
                redis.Remove(key, "l");
            }

            Wake(key);
        }

        if (redis.Get(key, "m") is { } meta
            && (ModelPositions.HoldsOf(meta) == write.Position || !Passes(ModelPositions.HoldsOf(meta), write.Position, write.History)))
        {
            var from = Bugs.HasFlag(LeaseBugs.StaleFromAfterCommit) ? write.Position
                : write.Locked.StartsWith("00000000", StringComparison.Ordinal) ? "00000000/0000000000000001" : write.Locked;
            if (redis.Get(key, "s") is not { } stale || Passes(stale, from, write.History))
            {
                redis.Set(key, "s", from);
            }
        }

        KeepFor(key, write.FloorLifetime);
        return Drop(key);
    }

    private long HeldFor(string key) => Math.Max(0, Number(redis.Get(key, "o")) - Now);

    private long Drop(string key)
    {
        var held = HeldFor(key);
        if (held > 0)
        {
            publish(DropChannel, key);
        }

        return held;
    }

    private long DropAgain(string key) => Bugs.HasFlag(LeaseBugs.RepeatsWaitForNobody) ? 0 : Drop(key);

    private void Wake(string key)
    {
        if (redis.Get(key, "w") is { } waiting)
        {
            redis.Remove(key, "w");
            foreach (var process in waiting.Split(' '))
            {
                publish(WakeChannel + process, key);
            }
        }
    }

    private void KeepFor(string key, long milliseconds)
    {
        if (redis.TimeToLive(key) is not { } left || left.TotalMilliseconds < milliseconds)
        {
            redis.Expire(key, TimeSpan.FromMilliseconds(milliseconds));
        }
    }

    private static long Number(string? text) => text is null ? 0 : long.Parse(text, CultureInfo.InvariantCulture);

    private static long LastNumber(string text) => Number(text[(text.LastIndexOf(' ') + 1)..]);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a fill, or the value of an update, says; times in milliseconds from now.</summary>
internal sealed record ModelFill(
    string Key, string? Value, string History, string Holds, string Shown, long SoftExpiry, long HardExpiry, long Cost, string Generation);

/// <summary>What an announced write says; the lifetime of its floor in milliseconds.</summary>
internal sealed record ModelWrite(string Position, string Locked, long Id, string History, long FloorLifetime);

/// <summary>Bugs that a model may have on purpose.</summary>
[Flags]
internal enum LeaseBugs
{
    None = 0,

    /// <summary>A fill needs the lease alone.</summary>
    HasNoFloors = 1,

    /// <summary>A fill needs to pass the floor alone.</summary>
    FillsWithoutLease = 2,

    /// <summary>A key that Redis has lost takes a fill.</summary>
    FillsAbsentKeys = 4,

    /// <summary>An invalidation raises the floor, and the lease goes on.</summary>
    InvalidationKeepsLease = 8,

    /// <summary>LSNs are compared as if there were one timeline.</summary>
    ComparesWithoutTimelines = 16,

    /// <summary>Updates are ordered by the position after their commit.</summary>
    OrdersByPosition = 32,

    /// <summary>A write that is told again waits for nobody who serves the old value from memory.</summary>
    RepeatsWaitForNobody = 64,

    /// <summary>A value is stale from the position after the commit.</summary>
    StaleFromAfterCommit = 128,

    /// <summary>A copy is still served when the entry was invalidated.</summary>
    ChecksNoStaleness = 256,
}

using Floodgate.Leases;
using Floodgate.Leases.Store;
using Floodgate.Sessions;
using Floodgate.SimulationTests.Cache.Running;
using StackExchange.Redis;

namespace Floodgate.SimulationTests.Cache.Mutants;

/// <summary>A value that was invalidated is served to everybody until it is replaced.</summary>
internal sealed class ServesStaleToAll : CacheMutant
{
    public override ILeaseStore Store(ILeaseStore real) => new Blind(real);

    private sealed class Blind(ILeaseStore real) : DelegatingStore(real)
    {
        public override async Task<Entry[]> ReadAsync(IReadOnlyList<string> keys) =>
            Array.ConvertAll(await base.ReadAsync(keys), entry => entry with { StaleFrom = WalPosition.None });
    }
}

/// <summary>A copy is served without asking Redis whether it is current.</summary>
internal sealed class TrustsCopies : CacheMutant
{
    public override ILeaseStore Store(ILeaseStore real) => new Trusting(real);

    private sealed class Trusting(ILeaseStore real) : DelegatingStore(real)
    {
        public override Task<bool[]> CheckAsync(IReadOnlyList<EntryVersion> versions) => Task.FromResult(versions.Select(_ => true).ToArray());
    }
}

/// <summary>A copy is served as of a read index although its entry was named since it was read.</summary>
internal sealed class TrustsCopiesAtIndex : CacheMutant
{
    public override ILeaseStore Store(ILeaseStore real) => new Trusting(real);

    private sealed class Trusting(ILeaseStore real) : DelegatingStore(real)
    {
        public override bool AreUnchanged(ReadOnlySpan<EntryVersion> versions) => true;
    }
}

/// <summary>A read index is given without asking what has changed, by what was known before.</summary>
internal sealed class AsksForNoIndex : CacheMutant
{
    public override ILeaseStore Store(ILeaseStore real) => new Knowing(real);

    private sealed class Knowing(ILeaseStore real) : DelegatingStore(real)
    {
        private int _asked;

        public override Task<bool> CatchUpAsync(Func<IDatabaseAsync, Task>? behind) => _asked++ % 4 == 0 ? base.CatchUpAsync(behind) : Task.FromResult(true);
    }
}

/// <summary>A write is acknowledged while processes still serve the old value from memory.</summary>
internal sealed class WaitsForNoHolder : CacheMutant
{
    public override void Emphasize(CacheProfile profile) => HotKeys(profile);

    public override ILeaseStore Store(ILeaseStore real) => new Hasty(real);

    private sealed class Hasty(ILeaseStore real) : DelegatingStore(real)
    {
        public override async Task<TimeSpan> InvalidateAsync(string key, CommittedWrite write, TimeSpan floorLifetime)
        {
            await base.InvalidateAsync(key, write, floorLifetime);
            return TimeSpan.Zero;
        }

        public override async Task<(bool Kept, TimeSpan Held)> UpdateAsync(FillValue value, CommittedWrite write, TimeSpan floorLifetime, string generation) =>
            ((await base.UpdateAsync(value, write, floorLifetime, generation)).Kept, TimeSpan.Zero);
    }
}

/// <summary>A fill replaces a value that processes still serve from memory.</summary>
internal sealed class FillsBesideHolders : CacheMutant
{
    public override void Emphasize(CacheProfile profile) => HotKeys(profile);

    public override ILeaseStore Store(ILeaseStore real) => new Hasty(real);

    private sealed class Hasty(ILeaseStore real) : DelegatingStore(real)
    {
        public override async Task<LeaseAnswer[]> AcquireAsync(IReadOnlyList<string> keys, string token, TimeSpan lease, IReadOnlyList<string> seen) =>
            Array.ConvertAll(await base.AcquireAsync(keys, token, lease, seen), answer => answer with { Held = TimeSpan.Zero });
    }
}

/// <summary>A fill is written as of what is believed when it ends, not when its lease was won.</summary>
internal sealed class FillsAsOfTheEnd : CacheMutant
{
    // A write that Redis is not told of, beside a fill that lasts longer than the raise of the epoch.
    public override void Emphasize(CacheProfile profile)
    {
        profile.Cache.FillTimeout = TimeSpan.FromSeconds(4);
        profile.Cache.WaitTimeout = TimeSpan.FromSeconds(6);
        profile.Cache.SoftExpiry = TimeSpan.FromMilliseconds(200);
        profile.Cache.AnnounceTimeout = TimeSpan.FromMilliseconds(200);
        profile.OutboxInterval = TimeSpan.FromSeconds(8);
        Only(profile);
        profile.CutsRedis = true;
        profile.FillSlow = 0.6;
    }

    public override ILeaseStore Store(ILeaseStore real) => new Late(real);

    private sealed class Late(ILeaseStore real) : DelegatingStore(real)
    {
        public override Task<FillVerdict[]> FillAsync(IReadOnlyList<FillValue> values, string token, string generation) =>
            base.FillAsync(values, token, Generation ?? generation);
    }
}

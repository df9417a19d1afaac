using Floodgate.Leases;
using Floodgate.Leases.Store;
using StackExchange.Redis;

namespace Floodgate.SimulationTests.Cache.Mutants;

/// <summary>A store that does what another does.</summary>
internal class DelegatingStore(ILeaseStore real) : ILeaseStore
{
    public bool IsAvailable => real.IsAvailable;

    public virtual string? Generation => real.Generation;

    public long Now => real.Now;

    public void Attach(IStoreListener listener) => real.Attach(listener);

    public void Detach(IStoreListener listener) => real.Detach(listener);

    public virtual Task<Entry[]> ReadAsync(IReadOnlyList<string> keys) => real.ReadAsync(keys);

    public virtual Task<bool[]> CheckAsync(IReadOnlyList<EntryVersion> versions) => real.CheckAsync(versions);

    public virtual Task<bool> CatchUpAsync(Func<IDatabaseAsync, Task>? behind) => real.CatchUpAsync(behind);

    public virtual bool AreUnchanged(ReadOnlySpan<EntryVersion> versions) => real.AreUnchanged(versions);

    public Task<(Entry Entry, bool Held)[]> HoldAsync(IReadOnlyList<string> keys, TimeSpan duration) => real.HoldAsync(keys, duration);

    public virtual Task<LeaseAnswer[]> AcquireAsync(IReadOnlyList<string> keys, string token, TimeSpan lease, IReadOnlyList<string> seen) =>
        real.AcquireAsync(keys, token, lease, seen);

    public Task ExtendAsync(IReadOnlyList<string> keys, string token, TimeSpan lease) => real.ExtendAsync(keys, token, lease);

    public virtual Task<FillVerdict[]> FillAsync(IReadOnlyList<FillValue> values, string token, string generation) => real.FillAsync(values, token, generation);

    public Task FailAsync(IReadOnlyList<string> keys, string token, TimeSpan rest, string why) => real.FailAsync(keys, token, rest, why);

    public virtual Task<TimeSpan> InvalidateAsync(string key, CommittedWrite write, TimeSpan floorLifetime) => real.InvalidateAsync(key, write, floorLifetime);

    public virtual Task<(bool Kept, TimeSpan Held)> UpdateAsync(FillValue value, CommittedWrite write, TimeSpan floorLifetime, string generation) =>
        real.UpdateAsync(value, write, floorLifetime, generation);
}

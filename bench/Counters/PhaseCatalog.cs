using System.Globalization;
using Floodgate.Bench.Counters.Load;

namespace Floodgate.Bench.Counters;

/// <summary>What there is to measure, on one system.</summary>
internal sealed class PhaseCatalog(CountersSystem system, Totals totals, int seed, TimeProvider time)
{
    // Users whose likes are counted; those below are used by the plain counters.
    private const long FirstUser = 1_000_000;
    private const long UsersOfRun = 10_000_000;

    private readonly InternalCaller _inside = new();
    private readonly BearerCaller _outside = new(system.TokenKey, time);
    private readonly Random _random = new(seed);
    private int _runs;

    /// <summary>All phases in order.</summary>
    public IReadOnlyList<Phase> All() =>
    [
        new(PhaseName.Bare, "bare endpoint", system.Baseline, BareAsync),
        new(PhaseName.Update, "UPDATE n = n + 1 of one row", system.Baseline, stop => UpdateAsync("/update/bench", stop)),
        new(PhaseName.UpdateByFew, "the same over few connections", system.Baseline, stop => UpdateAsync("/update-few/bench", stop)),
        new(PhaseName.Increment, "INCR in Redis", system.Baseline, IncrementAsync),
        new(PhaseName.Like, "like of one post, at the service", system.Service, stop => LikeAsync(system.Service, _inside, stop)),
        new(PhaseName.LikeThroughGateway, "like of one post, through the gateway", system.Gateway, stop => LikeAsync(system.Gateway, _outside, stop)),
        new(PhaseName.Plain, "counter, 1 key, at the service", system.Service, stop => AddAsync(system.Service, _inside, 1, stop)),
        new(PhaseName.PlainThroughGateway, "counter, 1 key, through the gateway", system.Gateway, stop => AddAsync(system.Gateway, _outside, 1, stop)),
        .. PhaseName.Keys.Skip(1).Select(keys => new Phase(
            PhaseName.WithKeys(keys),
            string.Create(CultureInfo.InvariantCulture, $"counter, {keys:N0} keys, at the service"),
            system.Service,
            stop => AddAsync(system.Service, _inside, keys, stop)) { WarmUp = false }),
    ];

    private Task<PhaseRun> BareAsync(CancellationToken cancellation) =>
        Task.FromResult(new PhaseRun(Additions(system.Baseline, "/bare/bench", 1, _inside), null));

    private async Task<PhaseRun> UpdateAsync(string path, CancellationToken cancellation)
    {
        var before = await totals.AddAsync(path + "/k0", cancellation);
        return new PhaseRun(Additions(system.Baseline, path, 1, _inside), async stop => At("row", await totals.AddAsync(path + "/k0", stop) - 1 - before));
    }

    private Task<PhaseRun> IncrementAsync(CancellationToken cancellation)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/incr/bench-{++_runs}");
        return Task.FromResult(new PhaseRun(
            Additions(system.Baseline, path, 1, _inside), async stop => At("key", await totals.AddAsync(path + "/k0", stop) - 1)));
    }

    private async Task<PhaseRun> LikeAsync(Uri address, ICaller caller, CancellationToken cancellation)
    {
        var post = ++_runs;
        await totals.CreatePostAsync(post, cancellation);
        return new PhaseRun(new LikeRequests(address.Authority, post, caller, FirstUser + (post * UsersOfRun)), async stop =>
        {
            await totals.DrainAsync(stop);
            return await totals.LikesAsync(post, stop);
        });
    }

    private Task<PhaseRun> AddAsync(Uri address, ICaller caller, int keys, CancellationToken cancellation)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bench-{++_runs}");
        return Task.FromResult(new PhaseRun(Additions(address, "/counters/" + name, keys, caller), async stop =>
        {
            await totals.DrainAsync(stop);
            return await totals.CounterAsync(name, keys, stop);
        }));
    }

    private AdditionRequests Additions(Uri address, string path, int keys, ICaller caller) => new(address.Authority, path, keys, caller, _random);

    private static Dictionary<string, long> At(string place, long total) => new(StringComparer.Ordinal) { [place] = total };
}

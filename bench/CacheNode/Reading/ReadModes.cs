using Floodgate.Bench.CacheNode.Items;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Leases;
using Floodgate.Problems;

namespace Floodgate.Bench.CacheNode.Reading;

/// <summary>The ways of reading, by name.</summary>
internal sealed class ReadModes(IEnumerable<IReadMode> all)
{
    private readonly Dictionary<string, IReadMode> _byName = all.ToDictionary(mode => mode.Name, StringComparer.Ordinal);

    /// <summary>Finds one.</summary>
    /// <exception cref="InvalidInputException">There is none of that name.</exception>
    public IReadMode Find(string name) => _byName.TryGetValue(name, out var mode)
        ? mode
        : throw new InvalidInputException("mode", $"It is one of {string.Join(", ", ModeName.All)}.");
}

/// <summary>How a node gets them.</summary>
internal static class ReadModeRegistration
{
    public static void AddReadModes(this WebApplicationBuilder builder)
    {
        builder.AddLeaseCaches();
        builder.AddLeaseCache(Item.Entity(Item.Lasting));
        builder.AddLeaseCache(Item.Entity(Item.Brief));
        builder.Services.AddSingleton<Expiries>();
        builder.Services.AddSingleton<LeaseReads>();
        builder.Services.AddSingleton<IReadMode, NoCache>();
        builder.Services.AddSingleton<IReadMode, InProcessMemory>();
        builder.Services.AddSingleton<IReadMode>(services => services.GetRequiredService<LeaseReads>());
        builder.Services.AddSingleton<ReadModes>();
    }
}

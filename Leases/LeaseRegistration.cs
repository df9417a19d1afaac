using Floodgate.Leases.Origin;
using Floodgate.Leases.Store;
using Floodgate.Leases.Telemetry;
using Floodgate.Nodes;
using Floodgate.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.Leases;

/// <summary>How a service gets lease caches.</summary>
public static class LeaseRegistration
{
    /// <summary>
    /// Registers what all caches share: <see cref="LeaseCaches"/>, and whoever listens for wake-ups and asks the primary for its position. Needs Redis
    /// (<see cref="IConnectionMultiplexer"/>) and the nodes; a <see cref="Random"/> that is registered is used as the source of chance.
    /// </summary>
    public static IHostApplicationBuilder AddLeaseCaches(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddRedisGeneration();
        services.AddOptions<LeaseCacheOptions>().BindConfiguration(LeaseCacheOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LeaseCacheOptions>, LeaseCacheOptionsValidation>();
        services.AddSingleton<CacheInstruments>();
        services.AddSingleton(provider => new PostgresOriginView(
            provider.GetRequiredService<PostgresNodes>(), provider.GetRequiredService<RedisGeneration>(), OptionsOf(provider).FloorLifetime,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IOriginView>(provider => provider.GetRequiredService<PostgresOriginView>());
        services.AddHostedService(provider => provider.GetRequiredService<PostgresOriginView>());
        services.TryAddSingleton(new LeaseScripts());
        services.AddSingleton(StoreOf);
        services.AddHostedService<StoreSubscription>();
        services.AddSingleton(CachesOf);
        return builder;
    }

    /// <summary>
    /// Registers the cache of an entity as a keyed singleton, the key being the entity's name, with its settings from
    /// <c>Floodgate:Cache</c> and <c>Floodgate:Cache:Entities:{name}</c>. Call <see cref="AddLeaseCaches"/> too.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="defaults">Sets defaults of this entity that differ from those of all; the configuration overrides them.</param>
    public static IHostApplicationBuilder AddLeaseCache<TKey, TValue>(
        this IHostApplicationBuilder builder, CacheEntity<TKey, TValue> entity, Action<LeaseCacheOptions>? defaults = null)
        where TKey : notnull
        where TValue : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(entity);
        builder.Services.AddOptions<LeaseCacheOptions>(entity.Name)
            .Configure<IConfiguration>((options, configuration) =>
            {
                defaults?.Invoke(options);
                configuration.GetSection(LeaseCacheOptions.Section).Bind(options);
                configuration.GetSection($"{LeaseCacheOptions.Section}:Entities:{entity.Name}").Bind(options);
                var shared = new LeaseCacheOptions();
                configuration.GetSection(LeaseCacheOptions.Section).Bind(shared);
                options.Share(shared);
            })
            .ValidateOnStart();
        builder.Services.AddKeyedSingleton(entity.Name, (provider, _) => provider.GetRequiredService<LeaseCaches>().Create(entity));
        return builder;
    }

    private static LeaseCacheOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<LeaseCacheOptions>>().Value;

    private static RedisLeaseStore StoreOf(IServiceProvider provider)
    {
        var options = OptionsOf(provider);
        var time = provider.GetRequiredService<TimeProvider>();
        var nodes = provider.GetRequiredService<PostgresNodes>();
        return new RedisLeaseStore(
            provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<RedisGeneration>(),
            new RedisGuard(options.RedisTimeout, options.Rest, time), () => nodes.View.History,
            provider.GetRequiredService<LeaseScripts>(), time);
    }

    private static LeaseCaches CachesOf(IServiceProvider provider)
    {
        var options = OptionsOf(provider);
        var epoch = provider.GetRequiredService<EpochRaise>();
        var time = provider.GetRequiredService<TimeProvider>();
        var environment = new CacheEnvironment(
            provider.GetRequiredService<RedisLeaseStore>(), provider.GetRequiredService<PostgresOriginView>(),
            new OriginGate(options.OriginConcurrency, options.OriginQueue), epoch.RaiseAsync, GenerationWatch.HeardAfter, time,
            new Chance(provider.GetService<Random>() ?? new Random()), provider.GetRequiredService<ILogger<LeaseCaches>>());
        return new LeaseCaches(environment, provider.GetRequiredService<IOptionsMonitor<LeaseCacheOptions>>(), provider.GetRequiredService<CacheInstruments>());
    }
}

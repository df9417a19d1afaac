using Floodgate.Redis;
using Floodgate.Redis.Tracking;
using Floodgate.VisibleValues.Likes;
using Floodgate.VisibleValues.Reactions;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Floodgate.VisibleValues;

/// <summary>How a service gets the visible values.</summary>
public static class VisibleRegistration
{
    /// <summary>Registers the counters in Redis and the generation they are believed under. Needs Redis, the nodes and a clock.</summary>
    /// <param name="services">The services.</param>
    /// <param name="lifetime">How long a counter that nobody writes stays.</param>
    public static IServiceCollection AddVisibleCounters(this IServiceCollection services, Func<IServiceProvider, TimeSpan> lifetime)
    {
        services.AddRedisGeneration();
        services.AddSingleton(provider => new CounterHash(
            provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<RedisGeneration>(), lifetime(provider)));
        services.AddSingleton<IVisibleCounters>(provider => provider.GetRequiredService<CounterHash>());
        services.AddSingleton<IVisibleReads>(provider => provider.GetRequiredService<CounterHash>());
        services.AddSingleton<GatheredReads>();
        return services;
    }

    /// <summary>Registers the reactions in Redis. Needs what <see cref="AddVisibleCounters"/> needs.</summary>
    /// <param name="services">The services.</param>
    /// <param name="lifetime">How long those of a user stay after the user's last write.</param>
    public static IServiceCollection AddReactionMemory(this IServiceCollection services, Func<IServiceProvider, TimeSpan> lifetime)
    {
        services.AddRedisGeneration();
        return services.AddSingleton<IReactionMemory>(provider => new ReactionHash(
            provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<RedisGeneration>(), lifetime(provider)));
    }

    /// <summary>
    /// Registers <see cref="IVisibleReads"/> and <see cref="IReactionReads"/>, for a service that only looks at what others write. Needs what
    /// <see cref="AddVisibleCounters"/> needs.
    /// </summary>
    /// <param name="services">The services.</param>
    public static IServiceCollection AddVisibleReads(this IServiceCollection services)
    {
        services.AddRedisGeneration();

        // How long something lives is for those to say who write it, which nobody can through these.
        services.AddSingleton<IVisibleReads>(provider => new CounterHash(
            provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<RedisGeneration>(), lifetime: default));
        return services.AddSingleton<IReactionReads>(provider => new ReactionHash(
            provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<RedisGeneration>(), lifetime: default));
    }

    /// <summary>
    /// Registers <see cref="LikeCounts"/> and <see cref="ReaderLikes"/>, which keep copies. Needs what <see cref="AddVisibleReads"/> needs, and metrics.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="settings">What copies are kept with.</param>
    /// <param name="posts">Of how many posts copies are kept at most.</param>
    /// <param name="readers">Of how many readers copies are kept at most.</param>
    public static IServiceCollection AddLikeCopies(
        this IServiceCollection services, Func<IServiceProvider, TrackedSettings> settings, Func<IServiceProvider, int> posts, Func<IServiceProvider, int> readers)
    {
        services.AddSingleton<TrackedMetrics>();
        services.AddSingleton(settings);
        services.AddSingleton(provider => new TrackedKind<long, LikeCount>(new LikeCountCodec(), posts(provider), provider.GetRequiredService<TrackedMetrics>()));
        services.AddSingleton(provider => new TrackedKind<ReaderPosts, SeenReactions>(
            new SeenReactionsCodec(), readers(provider), provider.GetRequiredService<TrackedMetrics>()));
        services.AddSingleton<TrackedKind>(provider => provider.GetRequiredService<TrackedKind<long, LikeCount>>());
        services.AddSingleton<TrackedKind>(provider => provider.GetRequiredService<TrackedKind<ReaderPosts, SeenReactions>>());
        services.AddSingleton<TrackedRedis>();
        services.AddHostedService(provider => provider.GetRequiredService<TrackedRedis>());
        services.AddSingleton(provider => new LikeCounts(
            provider.GetRequiredService<IVisibleReads>(), provider.GetRequiredService<TrackedKind<long, LikeCount>>(), provider.GetRequiredService<RedisGeneration>()));
        return services.AddSingleton(provider => new ReaderLikes(
            provider.GetRequiredService<IReactionReads>(), provider.GetRequiredService<TrackedKind<ReaderPosts, SeenReactions>>(),
            provider.GetRequiredService<RedisGeneration>()));
    }
}

using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers Redis connections by the name of a connection, as the package Aspire.StackExchange.Redis does.</summary>
public static class AspireRedisExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";

    /// <summary>
    /// Registers an <see cref="IConnectionMultiplexer"/> with a health check named <c>StackExchange.Redis</c>.
    /// It is made on first use and keeps trying when the server is not there yet.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="connectionName">Names the entry under <c>ConnectionStrings</c>.</param>
    /// <param name="configureSettings">Runs after configuration was read, and has the last word.</param>
    /// <param name="configureOptions">Runs just before connecting.</param>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = Read(builder, connectionName, configureSettings);
        builder.Services.AddSingleton<IConnectionMultiplexer>(_ => Connect(settings, connectionName, configureOptions));
        AddHealthCheck(builder.Services, settings, "StackExchange.Redis", provider => provider.GetRequiredService<IConnectionMultiplexer>());
    }

    /// <summary>As <see cref="AddRedisClient"/>, with the service key <paramref name="name"/> and the health check <c>StackExchange.Redis_{name}</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Names the entry under <c>ConnectionStrings</c> and is the service key.</param>
    /// <param name="configureSettings">Runs after configuration was read, and has the last word.</param>
    /// <param name="configureOptions">Runs just before connecting.</param>
    public static void AddKeyedRedisClient(
        this IHostApplicationBuilder builder,
        string name,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        var settings = Read(builder, name, configureSettings);
        builder.Services.AddKeyedSingleton<IConnectionMultiplexer>(name, (_, _) => Connect(settings, name, configureOptions));
        AddHealthCheck(
            builder.Services, settings, $"StackExchange.Redis_{name}", provider => provider.GetRequiredKeyedService<IConnectionMultiplexer>(name));
    }

    private static StackExchangeRedisSettings Read(
        IHostApplicationBuilder builder, string connectionName, Action<StackExchangeRedisSettings>? configure)
    {
        var settings = new StackExchangeRedisSettings();
        var section = builder.Configuration.GetSection(Section);
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configure?.Invoke(settings);
        return settings;
    }

    private static ConnectionMultiplexer Connect(
        StackExchangeRedisSettings settings, string connectionName, Action<ConfigurationOptions>? configure)
    {
        var options = string.IsNullOrEmpty(settings.ConnectionString)
            ? new ConfigurationOptions()
            : ConfigurationOptions.Parse(settings.ConnectionString);
        options.AbortOnConnectFail = false;
        configure?.Invoke(options);
        if (options.EndPoints.Count == 0)
        {
            throw new InvalidOperationException(
                $"There is no Redis endpoint: set 'ConnectionStrings:{connectionName}' or '{Section}:ConnectionString'.");
        }

        return ConnectionMultiplexer.Connect(options);
    }

    private static void AddHealthCheck(
        IServiceCollection services, StackExchangeRedisSettings settings, string name, Func<IServiceProvider, IConnectionMultiplexer> find)
    {
        if (settings.DisableHealthChecks)
            return;

        services.AddHealthChecks().Add(new HealthCheckRegistration(
            name, provider => new RedisHealthCheck(() => find(provider)), failureStatus: null, tags: null, timeout: TimeSpan.FromSeconds(5)));
    }
}

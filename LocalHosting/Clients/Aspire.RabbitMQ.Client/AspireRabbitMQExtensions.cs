using Aspire.RabbitMQ.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers RabbitMQ connections by the name of a connection, as the package Aspire.RabbitMQ.Client does.</summary>
public static class AspireRabbitMQExtensions
{
    private const string Section = "Aspire:RabbitMQ:Client";

    /// <summary>
    /// Registers an <see cref="IConnectionFactory"/> and an <see cref="IConnection"/> with a health check named <c>RabbitMQ.Client</c>.
    /// The connection is made on first use, with retries.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="connectionName">Names the entry under <c>ConnectionStrings</c>.</param>
    /// <param name="configureSettings">Runs after configuration was read, and has the last word.</param>
    /// <param name="configureConnectionFactory">Runs after the factory was given the connection string.</param>
    public static void AddRabbitMQClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<RabbitMQClientSettings>? configureSettings = null,
        Action<ConnectionFactory>? configureConnectionFactory = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var (settings, section) = Read(builder, connectionName, configureSettings);
        builder.Services.AddSingleton<IConnectionFactory>(_ => CreateFactory(settings, section, connectionName, configureConnectionFactory));
        builder.Services.AddSingleton(provider => PatientConnection.Open(
            provider.GetRequiredService<IConnectionFactory>(), settings.MaxConnectRetryCount, provider.GetService<TimeProvider>()));
        AddHealthCheck(builder.Services, settings, "RabbitMQ.Client", provider => provider.GetRequiredService<IConnection>());
    }

    /// <summary>As <see cref="AddRabbitMQClient"/>, with the service key <paramref name="name"/> and the health check <c>RabbitMQ.Client_{name}</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Names the entry under <c>ConnectionStrings</c> and is the service key.</param>
    /// <param name="configureSettings">Runs after configuration was read, and has the last word.</param>
    /// <param name="configureConnectionFactory">Runs after the factory was given the connection string.</param>
    public static void AddKeyedRabbitMQClient(
        this IHostApplicationBuilder builder,
        string name,
        Action<RabbitMQClientSettings>? configureSettings = null,
        Action<ConnectionFactory>? configureConnectionFactory = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        var (settings, section) = Read(builder, name, configureSettings);
        builder.Services.AddKeyedSingleton<IConnectionFactory>(name, (_, _) => CreateFactory(settings, section, name, configureConnectionFactory));
        builder.Services.AddKeyedSingleton(name, (provider, key) => PatientConnection.Open(
            provider.GetRequiredKeyedService<IConnectionFactory>(key), settings.MaxConnectRetryCount, provider.GetService<TimeProvider>()));
        AddHealthCheck(builder.Services, settings, $"RabbitMQ.Client_{name}", provider => provider.GetRequiredKeyedService<IConnection>(name));
    }

    private static (RabbitMQClientSettings Settings, IConfigurationSection Section) Read(
        IHostApplicationBuilder builder, string connectionName, Action<RabbitMQClientSettings>? configure)
    {
        var settings = new RabbitMQClientSettings();
        var section = builder.Configuration.GetSection(Section);
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configure?.Invoke(settings);
        return (settings, section);
    }

    private static ConnectionFactory CreateFactory(
        RabbitMQClientSettings settings, IConfigurationSection section, string connectionName, Action<ConnectionFactory>? configure)
    {
        var factory = new ConnectionFactory();
        section.GetSection("ConnectionFactory").Bind(factory);
        section.GetSection(connectionName).GetSection("ConnectionFactory").Bind(factory);
        if (!string.IsNullOrEmpty(settings.ConnectionString))
            factory.Uri = new Uri(settings.ConnectionString);
        configure?.Invoke(factory);
        return factory;
    }

    private static void AddHealthCheck(
        IServiceCollection services, RabbitMQClientSettings settings, string name, Func<IServiceProvider, IConnection> find)
    {
        if (settings.DisableHealthChecks)
            return;

        services.AddHealthChecks().Add(new HealthCheckRegistration(
            name, provider => new RabbitMQHealthCheck(() => find(provider)), failureStatus: null, tags: null, timeout: TimeSpan.FromSeconds(5)));
    }
}

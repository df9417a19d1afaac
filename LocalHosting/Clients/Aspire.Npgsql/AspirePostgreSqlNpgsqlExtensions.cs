using System.Data.Common;
using Aspire.Npgsql;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers PostgreSQL data sources by the name of a connection, as the package Aspire.Npgsql does.</summary>
public static class AspirePostgreSqlNpgsqlExtensions
{
    private const string Section = "Aspire:Npgsql";

    /// <summary>
    /// Registers an <see cref="NpgsqlDataSource"/> (and <see cref="DbDataSource"/>, <see cref="NpgsqlConnection"/>, <see cref="DbConnection"/>)
    /// with a health check named <c>PostgreSql</c>.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="connectionName">Names the entry under <c>ConnectionStrings</c>.</param>
    /// <param name="configureSettings">Runs after configuration was read, and has the last word.</param>
    /// <param name="configureDataSourceBuilder">Runs just before the data source is built.</param>
    public static void AddNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = Read(builder, connectionName, configureSettings);
        var services = builder.Services;
        services.AddSingleton(provider => Build(provider, settings, connectionName, configureDataSourceBuilder));
        services.AddSingleton<DbDataSource>(provider => provider.GetRequiredService<NpgsqlDataSource>());
        services.AddTransient(provider => provider.GetRequiredService<NpgsqlDataSource>().CreateConnection());
        services.AddTransient<DbConnection>(provider => provider.GetRequiredService<NpgsqlConnection>());
        AddHealthCheck(services, settings, "PostgreSql", provider => provider.GetRequiredService<NpgsqlDataSource>());
    }

    /// <summary>
    /// As <see cref="AddNpgsqlDataSource"/>, but every service has the key <paramref name="name"/> and the health check is <c>PostgreSql_{name}</c>.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Names the entry under <c>ConnectionStrings</c> and is the service key.</param>
    /// <param name="configureSettings">Runs after configuration was read, and has the last word.</param>
    /// <param name="configureDataSourceBuilder">Runs just before the data source is built.</param>
    public static void AddKeyedNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string name,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        var settings = Read(builder, name, configureSettings);
        var services = builder.Services;
        services.AddKeyedSingleton(name, (provider, _) => Build(provider, settings, name, configureDataSourceBuilder));
        services.AddKeyedSingleton<DbDataSource>(name, (provider, key) => provider.GetRequiredKeyedService<NpgsqlDataSource>(key));
        services.AddKeyedTransient(name, (provider, key) => provider.GetRequiredKeyedService<NpgsqlDataSource>(key).CreateConnection());
        services.AddKeyedTransient<DbConnection>(name, (provider, key) => provider.GetRequiredKeyedService<NpgsqlConnection>(key));
        AddHealthCheck(services, settings, $"PostgreSql_{name}", provider => provider.GetRequiredKeyedService<NpgsqlDataSource>(name));
    }

    private static NpgsqlSettings Read(IHostApplicationBuilder builder, string connectionName, Action<NpgsqlSettings>? configure)
    {
        var settings = new NpgsqlSettings();
        var section = builder.Configuration.GetSection(Section);
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configure?.Invoke(settings);
        return settings;
    }

    private static NpgsqlDataSource Build(
        IServiceProvider provider, NpgsqlSettings settings, string connectionName, Action<NpgsqlDataSourceBuilder>? configure)
    {
        if (string.IsNullOrEmpty(settings.ConnectionString))
        {
            throw new InvalidOperationException(
                $"There is no connection string: set 'ConnectionStrings:{connectionName}' or '{Section}:ConnectionString'.");
        }

        var source = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        source.UseLoggerFactory(provider.GetService<ILoggerFactory>());
        configure?.Invoke(source);
        return source.Build();
    }

    private static void AddHealthCheck(
        IServiceCollection services, NpgsqlSettings settings, string name, Func<IServiceProvider, NpgsqlDataSource> find)
    {
        if (settings.DisableHealthChecks)
            return;

        services.AddHealthChecks().Add(new HealthCheckRegistration(
            name, provider => new NpgsqlHealthCheck(() => find(provider)), failureStatus: null, tags: null, timeout: TimeSpan.FromSeconds(5)));
    }
}

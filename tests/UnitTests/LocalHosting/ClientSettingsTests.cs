using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using RabbitMQ.Client;
using StackExchange.Redis;

namespace Floodgate.UnitTests.LocalHosting;

public sealed class ClientSettingsTests
{
    [Fact]
    public void The_named_connection_string_wins_over_the_section_and_the_delegate_over_both()
    {
        var configuration = new[] { ("Aspire:Npgsql:ConnectionString", "Host=section"), ("ConnectionStrings:pg", "Host=named") };

        using var section = Build([configuration[0]], builder => builder.AddNpgsqlDataSource("pg"));
        using var named = Build(configuration, builder => builder.AddNpgsqlDataSource("pg"));
        using var coded = Build(configuration, builder => builder.AddNpgsqlDataSource("pg", settings =>
        {
            Assert.Equal("Host=named", settings.ConnectionString);
            settings.ConnectionString = "Host=coded";
        }));

        Assert.Equal("Host=section", section.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);
        Assert.Equal("Host=named", named.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);
        Assert.Equal("Host=coded", coded.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);
    }

    [Fact]
    public void Keyed_data_sources_stand_side_by_side()
    {
        using var host = Build(
            [("ConnectionStrings:primary", "Host=a"), ("ConnectionStrings:replica-1", "Host=b")],
            builder =>
            {
                builder.AddNpgsqlDataSource("primary");
                builder.AddKeyedNpgsqlDataSource("replica-1");
            });

        Assert.Equal("Host=a", host.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);
        Assert.Equal("Host=b", host.Services.GetRequiredKeyedService<NpgsqlDataSource>("replica-1").ConnectionString);
    }

    [Fact]
    public void A_missing_connection_string_is_named_when_it_is_needed()
    {
        using var host = Build([], builder =>
        {
            builder.AddNpgsqlDataSource("pg");
            builder.AddRedisClient("cache");
        });

        Assert.Contains("ConnectionStrings:pg", Assert.Throws<InvalidOperationException>(
            host.Services.GetRequiredService<NpgsqlDataSource>).Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:cache", Assert.Throws<InvalidOperationException>(
            host.Services.GetRequiredService<IConnectionMultiplexer>).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_broker_address_comes_from_the_connection_string_and_the_rest_from_the_section()
    {
        using var host = Build(
            [
                ("ConnectionStrings:broker", "amqp://ann:secret@127.0.0.1:5679"),
                ("Aspire:RabbitMQ:Client:ConnectionFactory:RequestedHeartbeat", "00:00:07"),
                ("Aspire:RabbitMQ:Client:ConnectionFactory:HostName", "elsewhere"),
            ],
            builder => builder.AddRabbitMQClient("broker", configureConnectionFactory: factory => factory.ClientProvidedName = "test"));

        var factory = Assert.IsType<ConnectionFactory>(host.Services.GetRequiredService<IConnectionFactory>());

        Assert.Equal(("127.0.0.1", 5679, "ann", "secret"), (factory.HostName, factory.Port, factory.UserName, factory.Password));
        Assert.Equal(TimeSpan.FromSeconds(7), factory.RequestedHeartbeat);
        Assert.Equal("test", factory.ClientProvidedName);
    }

    [Fact]
    public void Health_checks_have_the_names_that_Aspire_gives_them()
    {
        using var host = Build([], builder =>
        {
            builder.AddNpgsqlDataSource("pg");
            builder.AddKeyedNpgsqlDataSource("replica-1");
            builder.AddRedisClient("cache");
            builder.AddRabbitMQClient("broker");
            builder.AddKeyedRabbitMQClient("quiet", settings => settings.DisableHealthChecks = true);
        });

        Assert.Equal(
            ["PostgreSql", "PostgreSql_replica-1", "RabbitMQ.Client", "StackExchange.Redis"],
            host.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(check => check.Name).Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_makes_the_check_fail_and_not_throw()
    {
        using var host = Build(
            [
                ("ConnectionStrings:pg", "Host=127.0.0.1;Port=1;Username=a;Password=b"),
                ("ConnectionStrings:cache", "127.0.0.1:1,connectTimeout=200"),
                ("ConnectionStrings:broker", "amqp://a:b@127.0.0.1:1"),
                ("Aspire:RabbitMQ:Client:MaxConnectRetryCount", "0"),
            ],
            builder =>
            {
                builder.AddNpgsqlDataSource("pg");
                builder.AddRedisClient("cache");
                builder.AddRabbitMQClient("broker");
            });

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);

        Assert.Equal(3, report.Entries.Count);
        Assert.All(report.Entries, entry => Assert.Equal(HealthStatus.Unhealthy, entry.Value.Status));
    }

    private static IHost Build((string Key, string Value)[] settings, Action<IHostApplicationBuilder> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        add(builder);
        return builder.Build();
    }
}

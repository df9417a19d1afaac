namespace Aspire.Npgsql;

/// <summary>What <c>AddNpgsqlDataSource</c> is configured with: section <c>Aspire:Npgsql</c>, then <c>ConnectionStrings:{name}</c>, then the caller.</summary>
public class NpgsqlSettings
{
    /// <summary>The connection string, in Npgsql's form. Without one the data source cannot be resolved.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether to leave out the health check that opens a connection. Default: <see langword="false"/>.</summary>
    public bool DisableHealthChecks { get; set; }
}

using System.ComponentModel.DataAnnotations;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>Options of <c>postgres-history</c> and <c>postgres-sessions</c>.</summary>
/// <param name="ConnectionString">
/// The connection string, as Npgsql reads it: <c>Host=db;Database=pluginhost;Username=pluginhost;Password=…</c>. Give it as an environment
/// variable or a file. It is never shown.
/// </param>
/// <param name="Schema">
/// The schema of the tables. Created when it does not exist. Histories and sessions with the same connection string and schema share their
/// connections and their transactions.
/// </param>
public sealed record PostgresOptions(
    Secret ConnectionString,
    [RegularExpression("[a-z_][a-z0-9_]{0,62}", ErrorMessage = "up to 63 lower-case letters, digits and underscores, no digit first")] string Schema = "pluginhost")
    : IValidatableObject
{
    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ConnectionSettings.FindError(ConnectionString) is { } error) yield return new ValidationResult(error, [nameof(ConnectionString)]);
    }
}

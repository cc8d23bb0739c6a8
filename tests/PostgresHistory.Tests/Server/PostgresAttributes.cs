using System.Reflection;
using Xunit.Sdk;

namespace PluginHost.Postgres.Tests.Server;

/// <summary>A test that needs the programs of a PostgreSQL server. Where they are missing, the test counts as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    /// <param name="linuxOnly">Whether it also needs what only Linux has.</param>
    public PostgresFactAttribute(bool linuxOnly = false) =>
        Skip = PostgresPrograms.Missing ?? (linuxOnly && !OperatingSystem.IsLinux() ? "It tests what only Linux has." : null);
}

/// <summary>Cases that need the programs of a PostgreSQL server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute() => Skip = PostgresPrograms.Missing;
}

/// <summary>One case of a theory that needs the programs of a PostgreSQL server. Where they are missing, the case counts as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class PostgresDataAttribute : DataAttribute
{
    private readonly object[] _data;

    /// <param name="data">The arguments of the test.</param>
    public PostgresDataAttribute(params object[] data)
    {
        _data = data;
        Skip = PostgresPrograms.Missing;
    }

    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [_data];
}

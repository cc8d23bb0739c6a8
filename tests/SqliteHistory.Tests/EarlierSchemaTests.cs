namespace PluginHost.Sqlite.Tests;

/// <summary>Databases of earlier builds.</summary>
public sealed class EarlierSchemaTests : StoreTestBase
{
    [Fact]
    public async Task A_database_of_schema_2_is_read_changed_and_read_again()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(DatabasePath)!);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Earlier", "schema-2.db"), DatabasePath);

        await EarlierStore.CheckAsync(Sessions(), History());
        await CloseAsync();
        await EarlierStore.CheckAsync(Sessions(), History());
        await EarlierStore.SaveAsync(Sessions());
    }
}

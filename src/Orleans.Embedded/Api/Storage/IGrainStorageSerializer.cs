namespace Orleans.Storage;

/// <summary>The form in which state is stored. One in the services replaces the default, System.Text.Json.</summary>
public interface IGrainStorageSerializer
{
    BinaryData Serialize<T>(T? input);

    T? Deserialize<T>(BinaryData input);
}

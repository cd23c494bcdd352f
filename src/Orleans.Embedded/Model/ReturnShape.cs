namespace Orleans.Embedded;

/// <summary>One of the four task-like return types of grain methods.</summary>
internal abstract class ReturnShape
{
    /// <summary>The type of the result; null: the method has none.</summary>
    public abstract Type? ResultType { get; }

    public abstract Answer NewAnswer();

    /// <summary>Awaits what the method returned, and gives its result (null for none).</summary>
    public abstract ValueTask<object?> AwaitAsync(object returned);

    /// <summary>Null: not one of the four.</summary>
    public static ReturnShape? Of(Type type)
    {
        if (type == typeof(Task))
            return new TaskShape();
        if (type == typeof(ValueTask))
            return new ValueTaskShape();
        if (!type.IsGenericType)
            return null;
        Type definition = type.GetGenericTypeDefinition();
        Type? shape = definition == typeof(Task<>) ? typeof(TaskShape<>) : definition == typeof(ValueTask<>) ? typeof(ValueTaskShape<>) : null;
        return shape is null ? null : (ReturnShape)Activator.CreateInstance(shape.MakeGenericType(type.GetGenericArguments()))!;
    }

    private sealed class TaskShape : ReturnShape
    {
        public override Type? ResultType => null;

        public override Answer NewAnswer() => new Answer<object?>();

        public override async ValueTask<object?> AwaitAsync(object returned)
        {
            await (Task)returned;
            return null;
        }
    }

    private sealed class ValueTaskShape : ReturnShape
    {
        public override Type? ResultType => null;

        public override Answer NewAnswer() => new VoidValueAnswer();

        public override async ValueTask<object?> AwaitAsync(object returned)
        {
            await (ValueTask)returned;
            return null;
        }
    }

    private sealed class TaskShape<T> : ReturnShape
    {
        public override Type ResultType => typeof(T);

        public override Answer NewAnswer() => new Answer<T>();

        public override async ValueTask<object?> AwaitAsync(object returned) => await (Task<T>)returned;
    }

    private sealed class ValueTaskShape<T> : ReturnShape
    {
        public override Type ResultType => typeof(T);

        public override Answer NewAnswer() => new ValueAnswer<T>();

        public override async ValueTask<object?> AwaitAsync(object returned) => await (ValueTask<T>)returned;
    }
}
